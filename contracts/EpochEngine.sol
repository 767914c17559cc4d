// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEmission} from "./interfaces/IEmission.sol";
import {IEpochEngine} from "./interfaces/IEpochEngine.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeightLedger} from "./interfaces/IWeightLedger.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {CommitWordLibrary} from "./libraries/CommitWord.sol";
import {PackedU16} from "./libraries/PackedU16.sol";
import {PackedU64} from "./libraries/PackedU64.sol";
import {Q32} from "./libraries/Q32.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {Yuma} from "./libraries/Yuma.sol";

/// @title EpochEngine
contract EpochEngine is IEpochEngine {
    /// What one transaction settles within the gas that EIP-7825 allows it.
    uint256 private constant MAX_VALIDATORS = 16;
    uint256 private constant MAX_UIDS = 64;
    /// First round of epoch + 1 in which the epoch can be settled: rows are committed in round 0, revealed in round 1.
    uint256 private constant SETTLE_ROUND = 2;
    uint256 private constant MILLION = 1_000_000;

    IMetagraph public immutable override metagraph;
    IStakeManager public immutable override stakeManager;
    IWeightLedger public immutable override weightLedger;
    IEmission public immutable override emission;
    RoundClock public immutable override clock;
    uint256 public immutable override kappaU16;
    uint256 public immutable override kappaQ32;
    uint256 public immutable override bondsAlphaQ32;
    bool public immutable override bondsPenalty;

    /// @inheritdoc IEpochEngine
    bytes32 public override bondsHash = _hashBonds(new uint256[](0), 0, "");
    /// The epoch after the last settled one, 0 before the first settlement.
    uint256 private nextEpoch;

    /// A settlement on its way: what the chain says of the epoch.
    struct Epoch {
        uint256 number;
        uint256 columns;
        uint256 registeredThisEpoch;
        uint256 registeredSinceSettlement;
        uint256[] minerIds;
        uint256[] validatorUids;
        uint256[] validatorIds;
    }

    constructor(
        IMetagraph metagraph_,
        IStakeManager stakeManager_,
        IWeightLedger weightLedger_,
        IEmission emission_,
        uint256 kappaU16_,
        uint256 bondsMovingAverageMillionths,
        bool bondsPenalty_
    ) {
        metagraph = metagraph_;
        stakeManager = stakeManager_;
        weightLedger = weightLedger_;
        emission = emission_;
        clock = metagraph_.clock();
        _requireSameClock(address(stakeManager_), stakeManager_.clock());
        _requireSameClock(address(weightLedger_), weightLedger_.clock());
        _requireSameClock(address(emission_), emission_.clock());
        IMetagraph.Parameters memory size = metagraph_.parameters();
        if (size.maxUids > MAX_UIDS || size.maxValidators > MAX_VALIDATORS) {
            revert MetagraphTooLarge(size.maxUids, size.maxValidators);
        }
        // A majority of at least a half; at most 9/10, so that what rounding takes from the shares cannot matter.
        kappaU16 = Bounds.check("kappaU16", kappaU16_, 32_767, 58_981);
        kappaQ32 = Q32.fromU16(kappaU16_);
        Bounds.check("bondsMovingAverageMillionths", bondsMovingAverageMillionths, 0, MILLION - 1);
        bondsAlphaQ32 = Q32.ONE - (bondsMovingAverageMillionths << 32) / MILLION;
        bondsPenalty = bondsPenalty_;
    }

    /// @inheritdoc IEpochEngine
    function settleEpoch(uint256 epoch, Witness calldata witness) external override {
        uint256 round = _requireWindow(epoch);
        if (nextEpoch > epoch) revert AlreadySettled(epoch);
        Epoch memory e = _load(epoch);
        Yuma.Input memory input = _input(e, witness);
        Yuma.Output memory output = Yuma.settle(input);
        bytes memory bonds = PackedU16.pack(output.bonds);

        nextEpoch = epoch + 1;
        bondsHash = _hashBonds(e.validatorIds, e.columns, bonds);
        emit EpochSettled(
            epoch,
            round,
            e.validatorIds,
            PackedU64.pack(output.incentive),
            PackedU64.pack(output.dividends),
            PackedU64.pack(output.consensus),
            bonds
        );
        metagraph.recordSettlement(epoch, PackedU16.pack(_toU16(output.incentive)));
        emission.settle(epoch, e.minerIds, output.incentive, e.validatorIds, output.dividends, msg.sender);
    }

    /// @inheritdoc IEpochEngine
    function settledAny() external view override returns (bool) {
        return nextEpoch > 0;
    }

    /// @inheritdoc IEpochEngine
    function lastSettledEpoch() external view override returns (uint256) {
        return nextEpoch == 0 ? 0 : nextEpoch - 1;
    }

    function _requireWindow(uint256 epoch) private view returns (uint256 round) {
        round = clock.roundAt(block.timestamp);
        uint256 first = (epoch + 1) * clock.tempo();
        uint256 until = first + clock.tempo();
        if (round < first + SETTLE_ROUND || round >= until)
            revert WrongWindow(epoch, round, first + SETTLE_ROUND, until);
    }

    function _load(uint256 epoch) private view returns (Epoch memory e) {
        e.number = epoch;
        (e.columns, e.registeredThisEpoch, e.registeredSinceSettlement, e.minerIds) = metagraph.settlementView();
        e.validatorUids = _bits(metagraph.permitsAt(epoch));
        e.validatorIds = new uint256[](e.validatorUids.length);
        for (uint256 i = 0; i < e.validatorIds.length; ++i) {
            e.validatorIds[i] = e.minerIds[e.validatorUids[i]];
        }
    }

    /// Checks rows and bonds against their hashes and drops what does not count.
    function _input(Epoch memory e, Witness calldata witness) private view returns (Yuma.Input memory input) {
        uint256 validators = e.validatorIds.length;
        if (witness.rows.length != validators) revert BadRowCount(witness.rows.length, validators);
        if (witness.medianHints.length != e.columns) revert BadHintCount(witness.medianHints.length, e.columns);
        _requireBonds(witness.previous);

        input.kappa = kappaQ32;
        input.alpha = bondsAlphaQ32;
        input.bondsPenalty = bondsPenalty;
        input.medianHints = witness.medianHints;
        input.stakes = new uint256[](validators);
        input.weights = new uint256[][](validators);
        input.bonds = new uint256[][](validators);
        uint256 total = 0;
        for (uint256 i = 0; i < validators; ++i) {
            bool revealed = _requireRow(e, i, witness.rows[i]);
            if (revealed) total += input.stakes[i] = stakeManager.stakeAt(e.validatorIds[i], e.number + 1);
            input.weights[i] = _weights(e, i, witness.rows[i]);
            input.bonds[i] = _bonds(e, i, witness.previous);
        }
        if (total == 0) revert NothingRevealed(e.number);
    }

    function _requireBonds(PreviousBonds calldata previous) private view {
        bytes32 given = _hashBonds(previous.neuronIds, previous.columns, previous.bonds);
        if (given != bondsHash) revert BadBonds(bondsHash, given);
    }

    /// Whether the i-th validator revealed a row: then `row` must be it, else empty.
    function _requireRow(Epoch memory e, uint256 i, bytes calldata row) private view returns (bool revealed) {
        (, address hotkey, , , ) = metagraph.neuron(e.validatorIds[i]);
        bytes32 expected = weightLedger.revealedRowHash(hotkey, e.number);
        revealed = expected != 0;
        bool valid = revealed ? CommitWordLibrary.truncate(keccak256(row)) == expected : row.length == 0;
        if (!valid) revert BadRow(i);
    }

    /// The row as far as there are uids, without the validator's own and those registered since the epoch's end.
    function _weights(Epoch memory e, uint256 i, bytes calldata row) private pure returns (uint256[] memory weights) {
        uint256 present = row.length / 2 < e.columns ? row.length / 2 : e.columns;
        weights = PackedU16.unpack(row, 0, present, e.columns);
        _clear(weights, e.registeredThisEpoch | (1 << e.validatorUids[i]));
    }

    /// The validator's bonds of the last settlement, without those on uids registered since. None for a validator that
    /// was not part of it. `_requireBonds` vouches for the lengths.
    function _bonds(
        Epoch memory e,
        uint256 i,
        PreviousBonds calldata previous
    ) private pure returns (uint256[] memory bonds) {
        for (uint256 k = 0; k < previous.neuronIds.length; ++k) {
            if (previous.neuronIds[k] != e.validatorIds[i]) continue;
            bonds = PackedU16.unpack(previous.bonds, k * previous.columns, previous.columns, e.columns);
            _clear(bonds, e.registeredSinceSettlement);
            return bonds;
        }
        return new uint256[](e.columns);
    }

    function _requireSameClock(address other, RoundClock otherClock) private view {
        if (RoundClock.unwrap(otherClock) != RoundClock.unwrap(clock)) revert ClockMismatch(other);
    }

    /// Zeroes the values whose index is a bit of `mask`.
    function _clear(uint256[] memory values, uint256 mask) private pure {
        for (uint256 k = 0; k < values.length; ++k) {
            if ((mask >> k) & 1 == 1) values[k] = 0;
        }
    }

    /// Positions of the set bits, ascending.
    function _bits(uint256 word) private pure returns (uint256[] memory positions) {
        uint256 count = 0;
        for (uint256 rest = word; rest != 0; rest &= rest - 1) {
            ++count;
        }
        positions = new uint256[](count);
        count = 0;
        for (uint256 position = 0; count < positions.length; ++position) {
            if ((word >> position) & 1 == 1) positions[count++] = position;
        }
    }

    function _toU16(uint256[] memory shares) private pure returns (uint256[] memory values) {
        values = new uint256[](shares.length);
        for (uint256 k = 0; k < shares.length; ++k) {
            values[k] = Q32.toU16Down(shares[k]);
        }
    }

    function _hashBonds(
        uint256[] memory neuronIds,
        uint256 columns,
        bytes memory bonds
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(neuronIds, columns, bonds));
    }
}
