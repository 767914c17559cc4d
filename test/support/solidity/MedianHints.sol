// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Q32} from "../../../contracts/libraries/Q32.sol";

/// @notice Finds the medians that `Yuma` only verifies: per column every validator is tried until one fits.
library MedianHints {
    /// @param stakes Wei per validator, 0 for one without a row.
    /// @param weights Validators × columns raw u16.
    /// @param kappa Q32.
    function find(
        uint256[] memory stakes,
        uint256[][] memory weights,
        uint256 kappa
    ) internal pure returns (bytes memory hints) {
        uint256[] memory voting = normalised(normalised(normalised(stakes)));
        uint256[][] memory rows = new uint256[][](weights.length);
        for (uint256 i = 0; i < rows.length; i++) rows[i] = normalised(weights[i]);
        uint256 columns = rows.length == 0 ? 0 : rows[0].length;
        hints = new bytes(columns);
        uint256 total = sum(voting);
        if (total == 0) return hints;
        for (uint256 j = 0; j < columns; j++) hints[j] = bytes1(holder(rows, voting, j, total - kappa));
    }

    /// @dev First validator whose weight of column `j` more than `minority` of the votes do not exceed, and at most
    /// `minority` are below.
    function holder(
        uint256[][] memory rows,
        uint256[] memory voting,
        uint256 j,
        uint256 minority
    ) internal pure returns (uint8) {
        for (uint256 k = 0; k < rows.length; k++) {
            (uint256 below, uint256 upTo) = (0, 0);
            for (uint256 i = 0; i < rows.length; i++) {
                if (rows[i][j] < rows[k][j]) below += voting[i];
                if (rows[i][j] <= rows[k][j]) upTo += voting[i];
            }
            if (below <= minority && upTo > minority) return uint8(k);
        }
        revert("every column has a median");
    }

    function normalised(uint256[] memory values) internal pure returns (uint256[] memory shares) {
        shares = new uint256[](values.length);
        uint256 total = sum(values);
        for (uint256 k = 0; k < values.length; k++) shares[k] = Q32.divDown(values[k], total);
    }

    function sum(uint256[] memory values) internal pure returns (uint256 total) {
        for (uint256 k = 0; k < values.length; k++) total += values[k];
    }
}
