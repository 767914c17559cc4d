// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @notice The continuous price of a registration: it climbs by 26 % at each and halves every half-life. All rounding is
/// up, against the registrant. Prices are wei below 2^96.
library BurnPrice {
    /// @notice Bits of the fraction of a half-life that count: a step of 2^-32 half-lives changes the factor by far more
    /// than its rounding error, so that the price never climbs with time.
    uint256 private constant FRACTION_BITS = 32;

    /// @notice 1 in Q128.
    uint256 private constant ONE = 1 << 128;

    /// @notice ⌈price · 126 / 100⌉.
    function raisedUp(uint256 price) internal pure returns (uint256) {
        return Math.ceilDiv(price * 126, 100);
    }

    /// @notice ⌈price · 2^(−elapsed / halfLife)⌉, at least 1 for a price of at least 1; never climbs with `elapsed`.
    function decayedUp(uint256 price, uint256 elapsed, uint256 halfLife) internal pure returns (uint256) {
        uint256 halvings = elapsed / halfLife;
        if (halvings >= 96) return price == 0 ? 0 : 1; // a price below 2^96 is below 1 by then
        // floor: a little less decay than has passed. The remainder is below halfLife, so the fraction below 2^32.
        uint256 fraction = Math.mulDiv(elapsed % halfLife, 1 << FRACTION_BITS, halfLife);
        // price < 2^96 and the factor ≤ 2^128: no overflow before the shift.
        return Math.ceilDiv(price * halfToThePowerUp(fraction), ONE << halvings);
    }

    /// @notice 2^(−fraction / 2^32) in Q128, rounded up; `fraction` < 2^32.
    function halfToThePowerUp(uint256 fraction) internal pure returns (uint256 factor) {
        factor = ONE;
        uint256 root = ONE / 2; // 2^(−2^−i) for the i-th bit, from 2^(−1) on
        for (uint256 bit = FRACTION_BITS; bit > 0; bit--) {
            root = Math.sqrt(root << 128, Math.Rounding.Ceil); // root < 2^128: the shift loses nothing
            if ((fraction >> (bit - 1)) & 1 == 1) factor = Math.mulDiv(factor, root, ONE, Math.Rounding.Ceil);
        }
    }
}
