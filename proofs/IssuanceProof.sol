// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Issuance} from "../contracts/libraries/Issuance.sol";

/// @notice Properties of `Issuance` for every cap below 2^128.
contract IssuanceProof {
    /// @notice k is the largest up to 96 with issued · 2^k ≥ cap · (2^k − 1).
    function largest(uint128 issued, uint128 cap) external pure {
        require(issued <= cap);
        uint256 k = Issuance.halvings(issued, cap);
        assert(k <= 96);
        assert(uint256(issued) << k >= uint256(cap) * ((1 << k) - 1));
        if (k < 96) assert(uint256(issued) << (k + 1) < uint256(cap) * ((1 << (k + 1)) - 1));
    }

    /// @notice What reached k halvings is past them with more issued: with `largest`, the rate never climbs.
    function monotone(uint128 issued, uint128 later, uint128 cap) external pure {
        require(issued <= later && later <= cap);
        uint256 k = Issuance.halvings(issued, cap);
        assert(uint256(later) << k >= uint256(cap) * ((1 << k) - 1));
    }

    /// @notice Two epochs of the rate never exceed what is left, under the bound of `Emission`'s constructor.
    function potFits(uint96 base, uint48 epochSeconds, uint128 issued, uint128 cap) external pure {
        require(issued <= cap && epochSeconds > 0);
        require(base >= 1 && base <= cap / (2 * 2 * uint256(epochSeconds)));
        assert(2 * 2 * uint256(epochSeconds) * base <= cap);
        uint256 rate = Issuance.rateDown(base, issued, cap);
        assert(2 * uint256(epochSeconds) * rate <= cap - issued);
    }
}
