// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Q32} from "../../../contracts/libraries/Q32.sol";

/// @title NaiveYuma
/// @notice Yuma-3 as DESIGN §6 writes it, in matrices of plain integers, medians found by trying every weight: what the
/// production `Yuma` is compared with. V validators × M miners; a zero is an absent entry.
library NaiveYuma {
    using Q32 for uint256;

    /// @param stakes V stakes in wei, sum below 2^224. A validator that revealed no row comes with stake 0.
    /// @param weights V × M raw u16 weights, absent entries 0.
    /// @param bonds V × M raw u16 bonds after the last settled epoch, absent entries 0.
    /// @param kappa Q32 majority.
    /// @param alpha Q32 share of the present epoch in the bonds' moving average, at most ONE.
    /// @param bondsPenalty Whether bonds grow by the weight clipped to consensus (true) or by the weight as given.
    struct Input {
        uint256[] stakes;
        uint256[][] weights;
        uint256[][] bonds;
        uint256 kappa;
        uint256 alpha;
        bool bondsPenalty;
    }

    /// @param consensus M Q32 stake-weighted medians.
    /// @param medianHints Per column the first validator that holds the median.
    /// @param rankSum Σ R.
    /// @param incentive M Q32 shares of the miners' pot, sum at most ONE.
    /// @param dividends V Q32 shares of the validators' pot, sum at most ONE.
    /// @param bonds V × M u16, what the next epoch takes as `Input.bonds`.
    struct Output {
        uint256[] consensus;
        bytes medianHints;
        uint256 rankSum;
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

    function settle(Input memory input) internal pure returns (Output memory output) {
        Shares memory shares = _shares(input.stakes);
        uint256[][] memory weights = new uint256[][](input.weights.length);
        for (uint256 i = 0; i < weights.length; ++i) {
            weights[i] = _normalised(input.weights[i]);
        }
        (output.consensus, output.medianHints) = _medians(weights, shares, input);
        uint256[] memory ranks = _ranks(weights, output.consensus, shares.active);
        (output.rankSum, output.incentive) = (_sum(ranks), _normalised(ranks));
        uint256[][] memory bonds = _bonds(weights, output.consensus, input);
        output.dividends = _dividends(bonds, output.incentive, shares.active);
        output.bonds = _quantise(bonds, shares.stake);
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
    ) private pure returns (uint256[] memory consensus, bytes memory hints) {
        uint256 columns = weights[0].length;
        consensus = new uint256[](columns);
        hints = new bytes(columns);
        if (shares.total == 0) return (consensus, hints);
        uint256 minority = shares.total - input.kappa;
        for (uint256 j = 0; j < columns; ++j) {
            consensus[j] = type(uint256).max;
            for (uint256 holder = 0; holder < weights.length; ++holder) {
                uint256 value = weights[holder][j];
                if (value >= consensus[j] || _stakeUpTo(weights, shares.voting, j, value) <= minority) continue;
                (consensus[j], hints[j]) = (value, bytes1(uint8(holder)));
            }
        }
    }

    function _stakeUpTo(
        uint256[][] memory weights,
        uint256[] memory voting,
        uint256 j,
        uint256 value
    ) private pure returns (uint256 upTo) {
        for (uint256 i = 0; i < weights.length; ++i) {
            if (weights[i][j] <= value) upTo += voting[i];
        }
    }

    /// R
    function _ranks(
        uint256[][] memory weights,
        uint256[] memory consensus,
        uint256[] memory active
    ) private pure returns (uint256[] memory ranks) {
        ranks = new uint256[](consensus.length);
        for (uint256 i = 0; i < weights.length; ++i) {
            for (uint256 j = 0; j < ranks.length; ++j) {
                ranks[j] += active[i].mulDown(_min(weights[i][j], consensus[j]));
            }
        }
    }

    /// E[i][j] in Q32.
    function _bonds(
        uint256[][] memory weights,
        uint256[] memory consensus,
        Input memory input
    ) private pure returns (uint256[][] memory bonds) {
        bonds = new uint256[][](weights.length);
        for (uint256 i = 0; i < bonds.length; ++i) {
            bonds[i] = new uint256[](consensus.length);
            for (uint256 j = 0; j < consensus.length; ++j) {
                uint256 weight = input.bondsPenalty ? _min(weights[i][j], consensus[j]) : weights[i][j];
                uint256 previous = Q32.fromU16(input.bonds[i][j]);
                bonds[i][j] = input.alpha.mulDown(weight) + (Q32.ONE - input.alpha).mulDown(previous);
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
