// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ShareMath} from "../../../contracts/libraries/ShareMath.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract ShareMathTest is WeftTest {
    uint256 private constant CAP = 21_000_000e18;

    function test_toSharesDown_emptyPool_isAMillionPerWei() public pure {
        vm.assertEq(ShareMath.toSharesDown(7, 0, 0), 7e6);
        vm.assertEq(ShareMath.toSharesDown(0, 0, 0), 0);
    }

    function test_toSharesDown_inexact_roundsDown() public pure {
        vm.assertEq(ShareMath.toSharesDown(1, 2, 0), 333_333);
    }

    function test_toAssetsDown_inexact_roundsDown() public pure {
        vm.assertEq(ShareMath.toAssetsDown(999_999, 5, 5e6), 0);
        vm.assertEq(ShareMath.toAssetsDown(1_000_000, 5, 5e6), 1);
    }

    function test_toAssetsDown_poolThatWasSlashed_paysNoMoreThanItHolds() public pure {
        vm.assertEq(ShareMath.toAssetsDown(3e6, 2, 3e6), 2);
        vm.assertEq(ShareMath.toAssetsDown(1e30, 1, 1e30), 1); // the virtual wei would make it two
        vm.assertEq(ShareMath.toAssetsDown(1e30, 0, 1e30), 0);
    }

    function test_toSharesUp_inexact_roundsUp() public pure {
        vm.assertEq(ShareMath.toSharesUp(1, 2, 0), 333_334);
        vm.assertEq(ShareMath.toSharesUp(2, 1, 1e6), 2e6);
    }

    function testFuzz_stakeThenUnstake_neverGains(uint256 assets, uint256 total, uint256 shares) public pure {
        total = _bound(total, 0, CAP);
        shares = _bound(shares, 0, total * 1e6);
        assets = _bound(assets, 0, CAP);
        uint256 bought = ShareMath.toSharesDown(assets, total, shares);
        vm.assertLe(ShareMath.toAssetsDown(bought, total + assets, shares + bought), assets);
    }

    function testFuzz_toAssetsDown_allShares_neverExceedThePool(uint256 total, uint256 shares) public pure {
        total = _bound(total, 0, CAP);
        shares = _bound(shares, 0, total * 1e6);
        vm.assertLe(ShareMath.toAssetsDown(shares, total, shares), total);
    }

    function testFuzz_stake_anyPool_neverLowersThePrice(uint256 assets, uint256 total, uint256 shares) public pure {
        total = _bound(total, 0, CAP);
        shares = _bound(shares, 0, total * 1e6);
        assets = _bound(assets, 0, CAP);
        uint256 bought = ShareMath.toSharesDown(assets, total, shares);
        vm.assertGe((total + assets + 1) * (shares + 1e6), (total + 1) * (shares + bought + 1e6));
    }

    function testFuzz_unstake_anyPool_neverLowersThePrice(uint256 given, uint256 total, uint256 shares) public pure {
        total = _bound(total, 0, CAP);
        shares = _bound(shares, 0, total * 1e6);
        given = _bound(given, 0, shares);
        uint256 assets = ShareMath.toAssetsDown(given, total, shares);
        vm.assertGe((total - assets + 1) * (shares + 1e6), (total + 1) * (shares - given + 1e6));
    }
}
