// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Q32} from "../../../contracts/libraries/Q32.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract Q32Test is WeftTest {
    uint256 private constant ONE = 1 << 32;

    function testFuzz_mulDown_neverAboveTheProduct_lessThanOneUnitBelow(uint128 a, uint128 b) public pure {
        uint256 product = Q32.mulDown(a, b);
        vm.assertLe(product << 32, uint256(a) * b);
        vm.assertGt((product + 1) << 32, uint256(a) * b);
    }

    function testFuzz_divDown_neverAboveTheQuotient_lessThanOneUnitBelow(uint128 a, uint96 b) public pure {
        uint256 divisor = _bound(b, 1, type(uint96).max);
        uint256 quotient = Q32.divDown(a, divisor);
        vm.assertLe(quotient * divisor, uint256(a) << 32);
        vm.assertGt((quotient + 1) * divisor, uint256(a) << 32);
    }

    function testFuzz_divDown_byZero_isZero(uint256 a) public pure {
        vm.assertEq(Q32.divDown(a, 0), 0);
    }

    function testFuzz_divDown_ofAPart_isAtMostOne(uint128 part, uint128 whole) public pure {
        if (part > whole) (part, whole) = (whole, part);
        vm.assertLe(Q32.divDown(part, whole), ONE);
    }

    function test_one_isNeutral() public pure {
        vm.assertEq(Q32.mulDown(123, ONE), 123);
        vm.assertEq(Q32.divDown(123, ONE), 123);
    }

    function testFuzz_toU16Down_ofFromU16_losesAtMostOne(uint16 value) public pure {
        uint256 again = Q32.toU16Down(Q32.fromU16(value));
        vm.assertLe(again, value);
        vm.assertGe(again + 1, value);
    }

    function test_u16_ends_areZeroAndOne() public pure {
        vm.assertEq(Q32.fromU16(65_535), ONE);
        vm.assertEq(Q32.toU16Down(ONE), 65_535);
        vm.assertEq(Q32.toU16Down(ONE - 1), 65_534);
        vm.assertEq(Q32.fromU16(0), 0);
    }
}
