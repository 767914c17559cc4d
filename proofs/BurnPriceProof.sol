// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BurnPrice} from "../contracts/libraries/BurnPrice.sol";

/// @notice Properties of `BurnPrice` for every price below 2^96. The factor of a fraction of a half-life has 2^32 paths, one
/// for each set of bits; here it is any number in [1/2, 1], and `factors.ts` proves its order.
contract BurnPriceProof {
    uint256 private constant ONE = 1 << 128;

    /// @notice The raised price is ⌈price · 1.26⌉, never below the price.
    function raised(uint96 price) external pure {
        uint256 next = BurnPrice.raisedUp(price);
        assert(100 * next >= 126 * uint256(price));
        assert(100 * next < 126 * uint256(price) + 100);
        assert(next >= price);
    }

    /// @notice From 96 half-lives on the price is one wei, or nothing if it was nothing.
    function decayedAfterLong(uint96 price, uint64 elapsed, uint32 halfLife) external pure {
        require(halfLife > 0 && elapsed / halfLife >= 96);
        assert(BurnPrice.decayedUp(price, elapsed, halfLife) == (price == 0 ? 0 : 1));
    }

    /// @notice A decayed price is at most the price, and no price decays to nothing.
    function bounds(uint96 price, uint136 factor, uint224 scale) external pure {
        require(factor >= ONE / 2 && factor <= ONE && scale >= ONE);
        uint256 next = _decayedUp(price, factor, scale);
        assert(next <= price);
        assert((next == 0) == (price == 0));
    }

    /// @notice In the same half-life a smaller factor gives no higher price.
    function sameHalfLife(uint96 price, uint136 factor, uint136 later, uint224 scale) external pure {
        require(later <= factor && factor <= ONE && scale >= ONE);
        assert(_decayedUp(price, later, scale) <= _decayedUp(price, factor, scale));
    }

    /// @notice In a later half-life, whose scale is at least twice as large, no factor gives a higher price.
    function laterHalfLife(
        uint96 price,
        uint136 factor,
        uint136 later,
        uint216 scale,
        uint224 laterScale
    ) external pure {
        require(factor >= ONE / 2 && factor <= ONE && later <= ONE);
        require(scale >= ONE && laterScale >= 2 * uint256(scale));
        // Both sides of half the price: what is left of it after another half-life.
        uint256 half = _decayedUp(price, ONE / 2, scale);
        assert(half <= _decayedUp(price, factor, scale));
        uint256 last = _decayedUp(price, later, laterScale);
        assert(last <= _decayedUp(price, ONE, laterScale));
        assert(_decayedUp(price, ONE, laterScale) <= _decayedUp(price, ONE, 2 * uint256(scale)));
        assert(_decayedUp(price, ONE, 2 * uint256(scale)) <= half);
    }

    /// @notice Half-lives and the fraction of the next, in this order, never fall with time. The fraction fits 32 bits.
    function order(uint64 elapsed, uint64 later, uint32 halfLife) external pure {
        require(halfLife > 0 && later >= elapsed);
        uint256 fraction = Math.mulDiv(elapsed % halfLife, 1 << 32, halfLife);
        uint256 laterFraction = Math.mulDiv(later % halfLife, 1 << 32, halfLife);
        assert(fraction < 1 << 32);
        assert(elapsed / halfLife <= later / halfLife);
        if (elapsed / halfLife == later / halfLife) assert(fraction <= laterFraction);
    }

    /// @notice The factor of a fraction, for `factors.ts`.
    function factorOf(uint256 fraction) external pure returns (uint256) {
        return BurnPrice.halfToThePowerUp(fraction);
    }

    /// @dev The last line of `decayedUp`, with ONE · 2^halvings as `scale`.
    function _decayedUp(uint256 price, uint256 factor, uint256 scale) private pure returns (uint256) {
        return Math.ceilDiv(price * factor, scale);
    }
}
