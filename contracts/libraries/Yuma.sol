// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {YumaLanes} from "./YumaLanes.sol";
import {GROUP, GROUP_BYTES, YumaWork} from "./YumaLayout.sol";
import {YumaMemory} from "./YumaMemory.sol";

/// @title Yuma
/// @notice One epoch of Yuma-3 consensus with a fixed bond alpha, as DESIGN §6 writes it: stakes, u16 rows and bonds in;
/// consensus, incentive, dividends and bonds out. Up to 64 validators × 256 columns (uids); a zero is an absent entry.
/// The plain form of the same is `NaiveYuma` among the tests and `workers/protocol/yuma.ts`.
/// @dev Two results are not searched for but proved. Per column the caller names a validator that holds the median, and
/// two sums of stake show that it is one. The sum of all ranks is taken as given and compared at the end, so that a
/// group of columns is done with while it is in hand. Everything else is computed, 15 columns at a time, see `YumaLanes`.
/// Knows no neuron and no storage; rows and bonds must have been checked by the caller.
library Yuma {
    /// @notice Largest epoch that fits a transaction, and the headroom of the lanes.
    uint256 internal constant MAX_VALIDATORS = 64;
    uint256 internal constant MAX_COLUMNS = 256;
    /// @notice `Input.previousIndex` of a validator without bonds.
    uint256 internal constant NONE = type(uint256).max;

    /// @param columns Number of uids, M.
    /// @param stakes Wei per validator, V of them, sum below 2^224; 0 for one that revealed no row.
    /// @param ownColumns Each validator's own column, where its weight does not count.
    /// @param absentWeights Bit j: weights of column j do not count.
    /// @param previousIndex Each validator's index in the previous bonds, or `NONE`.
    /// @param previousValidators Validators in the previous bonds.
    /// @param previousColumns Columns of the previous bonds, at most `columns`.
    /// @param absentBonds Bit j: previous bonds of column j do not count.
    /// @param kappa Q32 majority, 0 < kappa ≤ ONE − V (so that rounding the shares down cannot exceed it).
    /// @param alpha Q32 share of the present epoch in the bonds' moving average, at most ONE.
    /// @param bondsPenalty Whether bonds grow by the weight clipped to consensus (true) or by the weight as given.
    /// @param rankSum Σ R, Q32.
    struct Input {
        uint256 columns;
        uint256[] stakes;
        uint256[] ownColumns;
        uint256 absentWeights;
        uint256[] previousIndex;
        uint256 previousValidators;
        uint256 previousColumns;
        uint256 absentBonds;
        uint256 kappa;
        uint256 alpha;
        bool bondsPenalty;
        uint256 rankSum;
    }

    /// @param consensus M Q32 stake-weighted medians.
    /// @param incentive M Q32 shares of the miners' pot, sum at most ONE.
    /// @param dividends V Q32 shares of the validators' pot, sum at most ONE.
    /// @param bonds What the next epoch takes as previous bonds: for each group of 15 columns, validator after validator,
    /// 15 big-endian u16; columns beyond M are 0.
    struct Output {
        uint256[] consensus;
        uint256[] incentive;
        uint256[] dividends;
        bytes bonds;
    }

    /// No validator has stake, or there are more validators or columns than fit.
    error BadSize(uint256 validators, uint256 columns);
    /// A list is shorter or longer than the validators or columns it is for.
    error BadShape(uint256 length, uint256 expected);
    /// The hinted validator's weight is not the stake-weighted median of the column, or there is no such validator.
    error BadMedian(uint256 column);
    /// The sum of ranks in the witness is not the one that the rows give.
    error BadRankSum(uint256 given, uint256 actual);

    /// @notice Settles an epoch. `YumaMemory.reserve` must have been called before anything else took memory.
    /// @param rows Big-endian u16 per validator; a missing tail is 0, what lies beyond `columns` does not count.
    /// @param bonds As `Output.bonds` of `previousValidators` × `previousColumns`.
    /// @param hints One byte per column: index of a validator whose weight is the column's median.
    function settle(
        Input memory input,
        bytes[] calldata rows,
        bytes calldata bonds,
        bytes calldata hints
    ) internal pure returns (Output memory output) {
        _checkShape(input, rows.length, hints.length);
        YumaWork memory work;
        _start(work, input, output, bonds, hints);
        _loadRows(work, input, rows);
        uint256 rankSum = 0;
        for (uint256 column = 0; column < input.columns; column += GROUP) {
            uint256 bad = YumaLanes.readHints(work, column);
            if (bad != 0) revert BadMedian(bad - 1);
            YumaLanes.addValidators(work, column);
            uint256 ranks;
            (ranks, bad) = YumaLanes.finishColumns(work, column);
            if (bad != 0) revert BadMedian(bad - 1);
            rankSum += ranks;
            YumaLanes.addDividends(work);
        }
        if (rankSum != input.rankSum) revert BadRankSum(input.rankSum, rankSum);
        output.dividends = YumaLanes.dividends(work);
    }

    function _checkShape(Input memory input, uint256 rows, uint256 hints) private pure {
        uint256 validators = input.stakes.length;
        if (validators > MAX_VALIDATORS || input.columns > MAX_COLUMNS || input.previousColumns > input.columns) {
            revert BadSize(validators, input.columns);
        }
        if (rows != validators) revert BadShape(rows, validators);
        if (hints != input.columns) revert BadShape(hints, input.columns);
        if (input.ownColumns.length != validators) revert BadShape(input.ownColumns.length, validators);
        if (input.previousIndex.length != validators) revert BadShape(input.previousIndex.length, validators);
    }

    /// Parameters, masks and the buffers of the output.
    function _start(
        YumaWork memory work,
        Input memory input,
        Output memory output,
        bytes calldata bonds,
        bytes calldata hints
    ) private pure {
        uint256 columns = input.columns;
        uint256 groups = (columns + GROUP - 1) / GROUP;
        YumaMemory.setBlend(input.alpha, input.bondsPenalty);
        work.validators = input.stakes.length;
        work.columns = columns;
        work.stride = YumaMemory.strideOf(groups);
        work.rankSum = input.rankSum;
        work.previousStep = GROUP_BYTES * input.previousValidators;
        work.weightMask = YumaMemory.presence(columns, input.absentWeights, work.stride);
        work.bondMask = YumaMemory.presence(input.previousColumns, input.absentBonds, work.stride);
        (uint256 hintsAt, uint256 bondsAt) = (0, 0);
        assembly ("memory-safe") {
            hintsAt := hints.offset
            bondsAt := bonds.offset
        }
        (work.hints, work.previousBonds) = (hintsAt, bondsAt);
        (output.consensus, work.consensus) = YumaMemory.newWords(columns);
        (output.incentive, work.incentive) = YumaMemory.newWords(columns);
        (output.bonds, work.newBonds) = YumaMemory.newBytes(GROUP_BYTES * work.validators * groups);
        work.records = YumaMemory.allocate(work.validators * work.stride);
    }

    /// A record per validator: its stake shares S, A and a of DESIGN §6, where its bonds are, and its row.
    function _loadRows(YumaWork memory work, Input memory input, bytes[] calldata rows) private pure {
        (uint256[] memory stake, ) = YumaMemory.normalised(input.stakes);
        (uint256[] memory active, ) = YumaMemory.normalised(stake);
        (uint256[] memory voting, uint256 total) = YumaMemory.normalised(active);
        if (total == 0) revert BadSize(0, input.columns);
        work.minority = total - input.kappa;
        for (uint256 i = 0; i < rows.length; ++i) {
            uint256 record = work.records + i * work.stride;
            YumaMemory.loadRow(work, record, rows[i], input.ownColumns[i]);
            YumaMemory.setShares(record, stake[i], active[i], voting[i]);
            YumaMemory.setBonds(work, record, input.previousIndex[i]);
        }
    }
}
