// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {PermitRing, PermitRingLib} from "../../../contracts/libraries/PermitRing.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract PermitRingTest is WeftTest {
    PermitRing private ring;

    function wordAt(uint256 epoch) external view returns (uint256) {
        return ring.wordAt(epoch);
    }

    function test_wordAt_empty_isZero() public view {
        vm.assertEq(ring.wordAt(0), 0);
        vm.assertEq(ring.firstEpoch(), type(uint256).max);
    }

    function test_set_sameEpochAgain_overwrites() public {
        ring.set(3, 1);
        ring.set(3, 2);
        vm.assertEq(ring.wordAt(2), 0);
        vm.assertEq(ring.wordAt(3), 2);
        vm.assertEq(ring.firstEpoch(), 3);
    }

    function test_wordAt_fourWords_knowsTheTimeBeforeThemAndWithFiveNot() public {
        for (uint256 i = 1; i <= 4; i++) {
            ring.set(10 * i, i);
        }
        vm.assertEq(ring.wordAt(9), 0);
        vm.assertEq(ring.wordAt(19), 1);
        ring.set(50, 5);
        vm.expectRevert(abi.encodeWithSelector(PermitRingLib.PermitsNotKept.selector, 19, 20));
        this.wordAt(19);
        vm.assertEq(ring.wordAt(20), 2);
        vm.assertEq(ring.firstEpoch(), 10);
    }

    function testFuzz_set_risingEpochs_readsBackLikeAPlainHistory(
        uint8[9] memory gaps,
        uint256[9] memory words
    ) public {
        uint256[] memory plain = new uint256[](9 * 4 + 1);
        uint256 epoch;
        uint256[9] memory starts;
        for (uint256 i = 0; i < 9; i++) {
            epoch += (gaps[i] % 4) + (i == 0 ? 0 : 1);
            starts[i] = epoch;
            ring.set(epoch, words[i]);
            for (uint256 e = epoch; e < plain.length; e++) {
                plain[e] = words[i];
            }
        }
        for (uint256 e = starts[5]; e < plain.length; e++) {
            vm.assertEq(ring.wordAt(e), plain[e], "word of an epoch");
        }
    }
}
