// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Issuance halvings: the rate halves whenever half of what was left has been issued.
library Issuance {
    /// @notice After so many halvings any rate below 2^96 is zero.
    uint256 internal constant MAX_HALVINGS = 96;

    /// @notice The largest k ≤ 96 with issued · 2^k ≥ cap · (2^k − 1), which is (cap − issued) · 2^k ≤ cap.
    /// `issued` ≤ `cap` < 2^128.
    function halvings(uint256 issued, uint256 cap) internal pure returns (uint256 k) {
        uint256 left = cap - issued;
        while (k < MAX_HALVINGS && left << (k + 1) <= cap) k++;
    }

    /// @notice base · 2^−k, rounded down.
    function rateDown(uint256 base, uint256 issued, uint256 cap) internal pure returns (uint256) {
        return base >> halvings(issued, cap);
    }
}
