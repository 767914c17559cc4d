// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {UnbondingPool} from "../../../contracts/libraries/UnbondingPool.sol";
import {UnbondingEntry, UnbondingQueue} from "../../../contracts/libraries/UnbondingQueue.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract UnbondingPoolTest is WeftTest {
    uint256 private constant CAP = 21_000_000e18;

    UnbondingPool private pool;
    UnbondingQueue private queue;

    function test_add_withoutSlashes_givesAShareForAWei() public {
        vm.assertEq(pool.add(7), 7);
        vm.assertEq(pool.add(5), 5);
        vm.assertEq(pool.remove(12), 12);
        vm.assertEq(pool.add(3), 3);
        vm.assertEq(pool.remove(0), 0);
    }

    function test_slash_part_lowersEveryShareAlike() public {
        pool.add(100);
        vm.assertEq(pool.slash(40), 40);
        vm.assertEq(pool.worthDown(50), 30);
        vm.assertEq(pool.sharesDown(30), 50);
        vm.assertEq(pool.add(60), 100);
        vm.assertEq(pool.remove(100), 60);
    }

    function test_slash_all_leavesAMillionthOfAMillionth() public {
        pool.add(1 << 60);
        vm.assertEq(pool.slash(1 << 60), (1 << 60) - (1 << 20));
        vm.assertEq(pool.slash(1 << 60), 0);
        vm.assertEq(pool.worthDown(1 << 60), 1 << 20);
    }

    function test_slash_emptyPool_takesNothing() public {
        vm.assertEq(pool.slash(5), 0);
        vm.assertEq(pool.sharesDown(5), 0);
        vm.assertEq(pool.worthDown(0), 0);
    }

    function testFuzz_add_afterAnySlash_fitsAndIsWorthWhatItCost(uint256 first, uint256 lost, uint256 more) public {
        first = _bound(first, 1, CAP);
        more = _bound(more, 1, CAP);
        pool.add(first);
        uint256 left = first - pool.slash(_bound(lost, 0, first));
        vm.assertGe(left, 1);
        uint256 given = pool.add(more);
        vm.assertGe(given, more); // a share costs at most a wei
        uint256 worth = pool.worthDown(given);
        vm.assertLe(worth, more);
        vm.assertGe(worth + 1, more);
        vm.assertEq(pool.remove(given), worth);
        vm.assertEq(pool.remove(first), left + more - worth);
    }

    // UnbondingQueue

    function test_popMatured_countsEntriesThatLostTheirSharesToo() public {
        queue.push(5, 100);
        queue.push(7, 100);
        queue.push(9, 200);
        vm.assertEq(queue.takeNewest(10, 32), 10);
        (uint256 count, uint256 shares) = queue.popMatured(200, 32);
        vm.assertEq(count, 2);
        vm.assertEq(shares, 11);
        vm.assertEq(queue.nextReleaseAt(), 0);
        vm.assertEq(queue.lastReleaseAt(), 0);
    }

    function test_popMatured_atMostAsManyAsAsked() public {
        for (uint256 k = 1; k <= 3; k++) queue.push(k, k);
        (uint256 count, uint256 shares) = queue.popMatured(9, 2);
        vm.assertEq(count, 2);
        vm.assertEq(shares, 3);
        vm.assertEq(queue.nextReleaseAt(), 3);
        (count, shares) = queue.popMatured(2, 2);
        vm.assertEq(count, 0);
        vm.assertEq(shares, 0);
    }

    function test_takeNewest_looksAtNoMoreThanAsked_andNotAtPaidOnes() public {
        for (uint256 k = 1; k <= 3; k++) queue.push(10, k);
        queue.popMatured(1, 1);
        vm.assertEq(queue.takeNewest(30, 1), 10);
        vm.assertEq(queue.takeNewest(30, 9), 10);
        UnbondingEntry[] memory waiting = queue.waiting();
        vm.assertEq(waiting.length, 2);
        vm.assertEq(uint256(waiting[0].shares) + waiting[1].shares, 0);
        vm.assertEq(queue.lastReleaseAt(), 3);
    }
}
