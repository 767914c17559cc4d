// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Q32} from "./Q32.sol";

/// @title Yuma
/// @notice One epoch of Yuma-3 consensus with a fixed bond alpha, as DESIGN §6 writes it: stakes and u16 rows in,
/// consensus, incentive, dividends and bonds out. V validators × M miners; a zero is an absent entry.
/// @dev Medians are not searched but proved: per column the caller names a validator that holds the median, and two
/// sums of stake show that it is one. Everything else is computed. Pure; knows no uid, neuron or storage.
library Yuma {
    using Q32 for uint256;

    /// @param stakes V stakes in wei, sum below 2^224. A validator that revealed no row comes with stake 0.
    /// @param weights V × M raw u16 weights, absent entries 0.
    /// @param bonds V × M raw u16 bonds after the last settled epoch, absent entries 0.
    /// @param kappa Q32 majority, 0 < kappa ≤ ONE − V (so that rounding the shares down cannot exceed it).
    /// @param alpha Q32 share of the present epoch in the bonds' moving average, at most ONE.
    /// @param bondsPenalty Whether bonds grow by the weight clipped to consensus (true) or by the weight as given.
    /// @param medianHints One byte per column: index of a validator whose weight is the column's median.
    struct Input {
        uint256[] stakes;
        uint256[][] weights;
        uint256[][] bonds;
        uint256 kappa;
        uint256 alpha;
        bool bondsPenalty;
        bytes medianHints;
    }

    /// @param consensus M Q32 stake-weighted medians.
    /// @param incentive M Q32 shares of the miners' pot, sum at most ONE.
    /// @param dividends V Q32 shares of the validators' pot, sum at most ONE.
    /// @param bonds V × M u16, what the next epoch takes as `Input.bonds`.
    struct Output {
        uint256[] consensus;
        uint256[] incentive;
        uint256[] dividends;
        uint256[][] bonds;
    }

    /// Stake shares: `stake` = S and `active` = A of DESIGN §6 in Q32, `voting` = a, `total` = Σ voting.
    struct Shares {
        uint256[] stake;
        uint256[] active;
        uint256[] voting;
        uint256 total;
    }

    /// A list is shorter or longer than the validators or columns it is for.
    error BadShape(uint256 length, uint256 expected);
    /// The hinted validator's weight is not the stake-weighted median of the column, or there is no such validator.
    error BadMedian(uint256 column);

    function settle(Input memory input) internal pure returns (Output memory output) {
        uint256 columns = input.medianHints.length;
        _checkShape(input, columns);
        Shares memory shares = _shares(input.stakes);
        uint256[][] memory weights = input.weights;
        for (uint256 i = 0; i < weights.length; ++i) {
            _normalise(weights[i]);
        }
        output.consensus = _medians(weights, shares, input);
        output.incentive = _incentive(weights, output.consensus, shares.active);
        uint256[][] memory bonds = _bonds(weights, output.consensus, input);
        output.dividends = _dividends(bonds, output.incentive, shares.active);
        output.bonds = _quantise(bonds, shares.stake);
    }

    function _checkShape(Input memory input, uint256 columns) private pure {
        uint256 validators = input.stakes.length;
        if (input.weights.length != validators) revert BadShape(input.weights.length, validators);
        if (input.bonds.length != validators) revert BadShape(input.bonds.length, validators);
        for (uint256 i = 0; i < validators; ++i) {
            if (input.weights[i].length != columns) revert BadShape(input.weights[i].length, columns);
            if (input.bonds[i].length != columns) revert BadShape(input.bonds[i].length, columns);
        }
    }

    function _shares(uint256[] memory stakes) private pure returns (Shares memory shares) {
        shares.stake = _normalised(stakes);
        shares.active = _normalised(shares.stake);
        shares.voting = _normalised(shares.active);
        shares.total = _sum(shares.voting);
    }

    /// C[j]: the smallest weight of column j up to which more than `total − kappa` of the stake stands.
    function _medians(
        uint256[][] memory weights,
        Shares memory shares,
        Input memory input
    ) private pure returns (uint256[] memory consensus) {
        consensus = new uint256[](input.medianHints.length);
        if (shares.total == 0) return consensus;
        uint256 minority = shares.total - input.kappa;
        for (uint256 j = 0; j < consensus.length; ++j) {
            uint256 holder = uint8(input.medianHints[j]);
            if (holder >= weights.length) revert BadMedian(j);
            uint256 median = weights[holder][j];
            (uint256 below, uint256 upTo) = _stakeBelowAndUpTo(weights, shares.voting, j, median);
            if (below > minority || upTo <= minority) revert BadMedian(j);
            consensus[j] = median;
        }
    }

    function _stakeBelowAndUpTo(
        uint256[][] memory weights,
        uint256[] memory voting,
        uint256 j,
        uint256 value
    ) private pure returns (uint256 below, uint256 upTo) {
        for (uint256 i = 0; i < weights.length; ++i) {
            uint256 weight = weights[i][j];
            if (weight < value) below += voting[i];
            if (weight <= value) upTo += voting[i];
        }
    }

    function _incentive(
        uint256[][] memory weights,
        uint256[] memory consensus,
        uint256[] memory active
    ) private pure returns (uint256[] memory) {
        uint256[] memory rank = new uint256[](consensus.length);
        for (uint256 i = 0; i < weights.length; ++i) {
            for (uint256 j = 0; j < rank.length; ++j) {
                rank[j] += active[i].mulDown(_min(weights[i][j], consensus[j]));
            }
        }
        return _normalised(rank);
    }

    /// E[i][j] in Q32.
    function _bonds(
        uint256[][] memory weights,
        uint256[] memory consensus,
        Input memory input
    ) private pure returns (uint256[][] memory bonds) {
        bonds = input.bonds;
        for (uint256 i = 0; i < bonds.length; ++i) {
            uint256[] memory row = bonds[i];
            for (uint256 j = 0; j < row.length; ++j) {
                uint256 weight = input.bondsPenalty ? _min(weights[i][j], consensus[j]) : weights[i][j];
                row[j] = input.alpha.mulDown(weight) + (Q32.ONE - input.alpha).mulDown(Q32.fromU16(row[j]));
            }
        }
    }

    function _dividends(
        uint256[][] memory bonds,
        uint256[] memory incentive,
        uint256[] memory active
    ) private pure returns (uint256[] memory dividends) {
        dividends = new uint256[](bonds.length);
        for (uint256 j = 0; j < incentive.length; ++j) {
            uint256 columnSum = 0;
            for (uint256 i = 0; i < bonds.length; ++i) {
                columnSum += bonds[i][j];
            }
            for (uint256 i = 0; i < bonds.length; ++i) {
                dividends[i] += bonds[i][j].divDown(columnSum).mulDown(incentive[j]);
            }
        }
        for (uint256 i = 0; i < dividends.length; ++i) {
            dividends[i] = dividends[i].mulDown(active[i]);
        }
        return _normalised(dividends);
    }

    /// Bonds as u16; the row of a validator without a share of the stake is cleared.
    function _quantise(
        uint256[][] memory bonds,
        uint256[] memory stakeShares
    ) private pure returns (uint256[][] memory) {
        for (uint256 i = 0; i < bonds.length; ++i) {
            uint256[] memory row = bonds[i];
            for (uint256 j = 0; j < row.length; ++j) {
                row[j] = stakeShares[i] == 0 ? 0 : row[j].toU16Down();
            }
        }
        return bonds;
    }

    /// Divides each value by the sum of all, in place.
    function _normalise(uint256[] memory values) private pure {
        uint256 sum = _sum(values);
        for (uint256 k = 0; k < values.length; ++k) {
            values[k] = values[k].divDown(sum);
        }
    }

    /// Each value divided by the sum of all, in a new list.
    function _normalised(uint256[] memory values) private pure returns (uint256[] memory shares) {
        shares = new uint256[](values.length);
        uint256 sum = _sum(values);
        for (uint256 k = 0; k < values.length; ++k) {
            shares[k] = values[k].divDown(sum);
        }
    }

    function _sum(uint256[] memory values) private pure returns (uint256 sum) {
        for (uint256 k = 0; k < values.length; ++k) {
            sum += values[k];
        }
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
