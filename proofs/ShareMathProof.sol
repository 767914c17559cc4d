// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ShareMath} from "../contracts/libraries/ShareMath.sol";

/// @notice Properties of `ShareMath` for pools below 2^88 wei (the cap is below 2^85) and 2^112 shares. A pool that starts
/// empty never has more than a million shares per wei, as `ratio` shows: that is what `require` says here.
contract ShareMathProof {
    uint256 private constant PER_WEI = 1e6;

    /// @notice Who stakes and unstakes at once gets back at most what they put in. `bought` is what the stake buys; that it
    /// fits 112 bits follows from `ratioAfterStake`.
    function roundTrip(uint88 assets, uint88 total, uint112 shares, uint112 bought) external pure {
        require(bought == ShareMath.toSharesDown(assets, total, shares));
        assert(ShareMath.toAssetsDown(bought, uint256(total) + assets, uint256(shares) + bought) <= assets);
    }

    /// @notice Staking never lowers what a share is worth.
    function stakeKeepsPrice(uint88 assets, uint88 total, uint112 shares) external pure {
        uint256 bought = ShareMath.toSharesDown(assets, total, shares);
        assert(
            (uint256(total) + assets + 1) * (shares + PER_WEI) >= (uint256(total) + 1) * (shares + bought + PER_WEI)
        );
    }

    /// @notice Unstaking never lowers what a share is worth and never takes more than the pool has.
    function unstakeKeepsPrice(uint112 given, uint88 total, uint112 shares) external pure {
        require(given <= shares && shares <= total * PER_WEI);
        uint256 assets = ShareMath.toAssetsDown(given, total, shares);
        assert(assets <= total);
        assert((total - assets + 1) * (shares + PER_WEI) >= (uint256(total) + 1) * (shares - given + PER_WEI));
    }

    /// @notice All shares together are worth at most the pool.
    function solvency(uint88 total, uint112 shares) external pure {
        require(shares <= total * PER_WEI);
        assert(ShareMath.toAssetsDown(shares, total, shares) <= total);
    }

    /// @notice A pool with at most a million shares per wei keeps that through a stake.
    function ratioAfterStake(uint88 assets, uint88 total, uint112 shares) external pure {
        require(shares <= total * PER_WEI);
        uint256 bought = ShareMath.toSharesDown(assets, total, shares);
        assert(
            (uint256(total) + assets + 1) * (shares + PER_WEI) >= (uint256(total) + 1) * (shares + bought + PER_WEI)
        );
        assert(shares + bought <= (uint256(total) + assets) * PER_WEI);
    }

    /// @notice A pool with at most a million shares per wei keeps that through an unstake.
    function ratioAfterUnstake(uint112 given, uint88 total, uint112 shares) external pure {
        require(given <= shares && shares <= total * PER_WEI);
        uint256 assets = ShareMath.toAssetsDown(given, total, shares);
        assert((total - assets + 1) * (shares + PER_WEI) >= (uint256(total) + 1) * (shares - given + PER_WEI));
        assert(shares - given <= (total - assets) * PER_WEI);
    }
}
