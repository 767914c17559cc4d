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

    /// @notice Wei that `shares` bring, rounded down. At most `totalAssets` for at most `totalShares`, since a share's
    /// price starts at a millionth of a wei and never falls.
    function toAssetsDown(uint256 shares, uint256 totalAssets, uint256 totalShares) internal pure returns (uint256) {
        return Math.mulDiv(shares, totalAssets + VIRTUAL_ASSETS, totalShares + VIRTUAL_SHARES);
    }
}
