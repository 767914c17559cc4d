// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice Conversion between the assets (wei) and the shares of a pool. Virtual shares and a virtual wei stand beside
/// the real ones, so that the first staker cannot set a price at which rounding robs the second.
library ShareMath {
    /// @notice Shares that nobody holds. A million per wei, so that one share, the most that rounding takes, is worth little
    /// even in a pool of a single wei that got rewards.
    uint256 internal constant VIRTUAL_SHARES = 1e6;

    /// @notice Wei that back the virtual shares.
    uint256 internal constant VIRTUAL_ASSETS = 1;

    /// @notice Shares that `assets` wei buy, rounded down.
    function toSharesDown(uint256 assets, uint256 totalAssets, uint256 totalShares) internal pure returns (uint256) {
        return Math.mulDiv(assets, totalShares + VIRTUAL_SHARES, totalAssets + VIRTUAL_ASSETS);
    }

    /// @notice The fewest shares that `assets` wei are worth, rounded up: what a loss of `assets` costs their holder.
    function toSharesUp(uint256 assets, uint256 totalAssets, uint256 totalShares) internal pure returns (uint256) {
        return Math.mulDiv(assets, totalShares + VIRTUAL_SHARES, totalAssets + VIRTUAL_ASSETS, Math.Rounding.Ceil);
    }

    /// @notice Wei that `shares` bring, rounded down, and never more than there is: after a slash the virtual wei would
    /// else price all shares together one wei above the pool.
    function toAssetsDown(uint256 shares, uint256 totalAssets, uint256 totalShares) internal pure returns (uint256) {
        uint256 assets = Math.mulDiv(shares, totalAssets + VIRTUAL_ASSETS, totalShares + VIRTUAL_SHARES);
        return assets < totalAssets ? assets : totalAssets;
    }
}
