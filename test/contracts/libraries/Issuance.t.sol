// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Issuance} from "../../../contracts/libraries/Issuance.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract IssuanceTest is WeftTest {
    uint256 private constant CAP = 21_000_000e18;

    function test_halvings_bothSidesOfTheFirstThree_stepsByOne() public pure {
        vm.assertEq(Issuance.halvings(0, CAP), 0);
        vm.assertEq(Issuance.halvings(CAP / 2 - 1, CAP), 0);
        vm.assertEq(Issuance.halvings(CAP / 2, CAP), 1);
        vm.assertEq(Issuance.halvings((CAP * 3) / 4 - 1, CAP), 1);
        vm.assertEq(Issuance.halvings((CAP * 3) / 4, CAP), 2);
        vm.assertEq(Issuance.halvings((CAP * 7) / 8, CAP), 3);
    }

    function test_halvings_oneWeiLeftAndNone_isBounded() public pure {
        vm.assertEq(Issuance.halvings(CAP - 1, CAP), 84); // 2^84 ≤ 21e24 < 2^85
        vm.assertEq(Issuance.halvings(CAP, CAP), 96);
    }

    function test_rateDown_afterOneHalving_isHalfRoundedDown() public pure {
        vm.assertEq(Issuance.rateDown(7, 0, CAP), 7);
        vm.assertEq(Issuance.rateDown(7, CAP / 2, CAP), 3);
        vm.assertEq(Issuance.rateDown(type(uint96).max, CAP, CAP), 0);
    }

    function testFuzz_halvings_issued_isTheLargestByItsDefinition(uint256 issued) public pure {
        issued = _bound(issued, 0, CAP - 1);
        uint256 k = Issuance.halvings(issued, CAP);
        vm.assertGe(issued << k, CAP * ((1 << k) - 1));
        vm.assertLt(issued << (k + 1), CAP * ((1 << (k + 1)) - 1));
    }
}
