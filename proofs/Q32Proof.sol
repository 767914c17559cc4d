// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Q32} from "../contracts/libraries/Q32.sol";

/// @notice Properties of the arithmetic of consensus and of what it pays.
contract Q32Proof {
    /// @notice Step of an induction: shares of a total, so far at most what they are shares of, stay so with one more.
    function shareStep(uint96 sum, uint88 value, uint40 shares, uint96 total) external pure {
        require(total > 0 && uint256(shares) * total <= uint256(sum) << 32);
        uint256 share = Q32.divDown(value, total);
        assert((shares + share) * total <= (uint256(sum) + value) << 32);
    }

    /// @notice End of the induction: shares of the parts of a total sum to at most one.
    function shareEnd(uint96 sum, uint40 shares, uint96 total) external pure {
        require(total > 0 && sum <= total && uint256(shares) * total <= uint256(sum) << 32);
        assert(shares <= Q32.ONE);
    }

    /// @notice Nothing divided by nothing is nothing.
    function divisionByNothing(uint128 value) external pure {
        assert(Q32.divDown(value, 0) == 0);
    }

    /// @notice Every share of at most one as a u16, rounded down.
    function toU16(uint40 share) external pure {
        require(share <= Q32.ONE);
        uint256 value = Q32.toU16Down(share);
        assert(value <= type(uint16).max);
        assert(value << 32 <= uint256(share) * 65535);
        assert(uint256(share) * 65535 < (value + 1) << 32);
    }

    /// @notice A product with at most one is at most the other factor.
    function mulByShare(uint128 value, uint40 share) external pure {
        require(share <= Q32.ONE);
        assert(Q32.mulDown(value, share) <= value);
    }

    /// @notice The lanes' weight: w · ⌈2^72 / t⌉ shifted by 40 is ⌊w · 2^32 / t⌋, below the next lane's first bit.
    function laneWeight(uint16 weight, uint24 rowSum) external pure {
        require(rowSum > 0 && weight <= rowSum);
        uint256 inverse = ((1 << 72) + uint256(rowSum) - 1) / rowSum;
        uint256 product = weight * inverse;
        assert(product < 1 << 73);
        assert(product >> 40 == Q32.divDown(weight, rowSum));
    }

    /// @notice Step of an induction: what a pot pays for shares is at most their part of it.
    function payStep(uint40 shares, uint40 share, uint128 paid, uint128 pot) external pure {
        require(uint256(paid) << 32 <= uint256(shares) * pot);
        uint256 part = (uint256(share) * pot) / Q32.ONE;
        assert((paid + part) << 32 <= (uint256(shares) + share) * pot);
    }

    /// @notice End of the induction: for shares of at most one it pays at most the pot.
    function payEnd(uint40 shares, uint128 paid, uint128 pot) external pure {
        require(shares <= Q32.ONE && uint256(paid) << 32 <= uint256(shares) * pot);
        assert(paid <= pot);
    }

    /// @notice Miners, validators and the treasury together get at most the pot.
    function split(
        uint128 pot,
        uint16 minerBps,
        uint16 validatorBps,
        uint128 miners,
        uint128 validators
    ) external pure {
        require(minerBps > 0 && validatorBps > 0 && uint256(minerBps) + validatorBps <= 10_000);
        require(miners <= (uint256(pot) * minerBps) / 10_000);
        require(validators <= (uint256(pot) * validatorBps) / 10_000);
        uint256 rest = 10_000 - uint256(minerBps) - validatorBps;
        uint256 total = uint256(miners) + validators;
        assert(10_000 * total <= pot * (uint256(minerBps) + validatorBps));
        uint256 treasury = (total * rest) / (uint256(minerBps) + validatorBps);
        assert(treasury * (uint256(minerBps) + validatorBps) <= total * rest);
        assert((total + treasury) * (uint256(minerBps) + validatorBps) <= total * 10_000);
        assert(total + treasury <= pot);
    }
}
