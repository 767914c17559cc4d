// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice Stake of one neuron that waits to be withdrawn, as shares, so that a slash reaches all of it in one write.
/// Nothing earns here: a share starts at one wei and falls by slashes alone. One word.
struct UnbondingPool {
    uint128 assets;
    uint128 shares;
}

using UnbondingPoolLib for UnbondingPool global;

/// @notice Operations on an `UnbondingPool`. A pool with shares is never without assets.
library UnbondingPoolLib {
    using SafeCast for uint256;

    /// @notice No slash takes a share below 2^-40 wei, so that the shares of any amount below the token's cap fit and no
    /// unstaking is ever refused. What a slash has to leave is at most cap / 2^40, about 2·10^13 wei.
    uint256 internal constant MIN_PRICE_BITS = 40;

    /// @notice Puts `amount` wei in and returns the shares given for it, rounded down.
    function add(UnbondingPool storage self, uint256 amount) internal returns (uint256 given) {
        (uint256 assets, uint256 shares) = (self.assets, self.shares);
        given = shares == 0 ? amount : Math.mulDiv(amount, shares, assets);
        _write(self, assets + amount, shares + given);
    }

    /// @notice Takes `taken` shares out and returns the wei that they bring, rounded down.
    function remove(UnbondingPool storage self, uint256 taken) internal returns (uint256 amount) {
        if (taken == 0) return 0;
        (uint256 assets, uint256 shares) = (self.assets, self.shares);
        amount = Math.mulDiv(taken, assets, shares);
        _write(self, assets - amount, shares - taken);
    }

    /// @notice Takes up to `amount` wei from all shares alike and returns what was taken.
    function slash(UnbondingPool storage self, uint256 amount) internal returns (uint256 taken) {
        (uint256 assets, uint256 shares) = (self.assets, self.shares);
        uint256 kept = Math.ceilDiv(shares, 1 << MIN_PRICE_BITS);
        if (assets <= kept) return 0;
        taken = Math.min(amount, assets - kept);
        _write(self, assets - taken, shares);
    }

    /// @notice Wei that `amount` shares would bring, rounded down.
    function worthDown(UnbondingPool storage self, uint256 amount) internal view returns (uint256) {
        return amount == 0 ? 0 : Math.mulDiv(amount, self.assets, self.shares);
    }

    /// @notice The most shares that are worth at most `amount` wei.
    function sharesDown(UnbondingPool storage self, uint256 amount) internal view returns (uint256) {
        return self.assets == 0 ? 0 : Math.mulDiv(amount, self.shares, self.assets);
    }

    function _write(UnbondingPool storage self, uint256 assets, uint256 shares) private {
        (self.assets, self.shares) = (assets.toUint128(), shares.toUint128());
    }
}
