// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IEmission} from "./interfaces/IEmission.sol";
import {IEpochEngine} from "./interfaces/IEpochEngine.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeightLedger} from "./interfaces/IWeightLedger.sol";
import {BitList} from "./libraries/BitList.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {CommitWordLibrary} from "./libraries/CommitWord.sol";
import {PackedU16} from "./libraries/PackedU16.sol";
import {PackedU64} from "./libraries/PackedU64.sol";
import {Q32} from "./libraries/Q32.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {Yuma} from "./libraries/Yuma.sol";
import {YumaMemory} from "./libraries/YumaMemory.sol";

/// @title EpochEngine
contract EpochEngine is IEpochEngine, AccessManaged {
    /// First round of epoch + 1 in which the epoch can be settled: rows are committed in round 0, revealed in round 1.
    uint256 private constant SETTLE_ROUND = 2;
    uint256 private constant MILLION = 1_000_000;

    /// `Parameters` in 13 bytes, and the epoch from which on they hold.
    struct Scheduled {
        uint32 fromEpoch;
        uint16 kappaU16;
        uint32 bondsMovingAverageMillionths;
        bool bondsPenalty;
        uint16 reviveAfter;
    }

    /// Three words: each structure starts one of its own. `nextEpoch` is the epoch after the last settled one, 0 before the first settlement.
    struct State {
        Scheduled earlier;
        Scheduled latest;
        uint32 nextEpoch;
    }

    IMetagraph public immutable override metagraph;
    IStakeManager public immutable override stakeManager;
    IWeightLedger public immutable override weightLedger;
    IEmission public immutable override emission;
    RoundClock public immutable override clock;

    /// @inheritdoc IEpochEngine
    IEpochEngine public immutable override predecessor;

    /// @dev Zero before the first settlement.
    bytes32 private _bondsHash;
    State private state;

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
        Parameters memory parameters,
        IEpochEngine predecessor_,
        address authority
    ) AccessManaged(authority) {
        predecessor = predecessor_;
        metagraph = metagraph_;
        stakeManager = stakeManager_;
        weightLedger = weightLedger_;
        emission = emission_;
        clock = metagraph_.clock();
        _requireSameClock(address(stakeManager_), stakeManager_.clock());
        _requireSameClock(address(weightLedger_), weightLedger_.clock());
        _requireSameClock(address(emission_), emission_.clock());
        IMetagraph.Parameters memory size = metagraph_.parameters();
        if (size.maxUids > Yuma.MAX_COLUMNS || size.maxValidators > Yuma.MAX_VALIDATORS) {
            revert MetagraphTooLarge(size.maxUids, size.maxValidators, Yuma.MAX_COLUMNS, Yuma.MAX_VALIDATORS);
        }
        state.latest = _checked(0, parameters);
        emit ParametersSet(0, parameters);
    }

    /// @inheritdoc IEpochEngine
    function setParameters(Parameters calldata parameters) external override restricted {
        uint256 epoch = clock.epochAt(block.timestamp);
        Scheduled memory next = _checked(epoch, parameters);
        if (state.latest.fromEpoch < epoch) state.earlier = state.latest;
        state.latest = next;
        emit ParametersSet(epoch, parameters);
    }

    /// @inheritdoc IEpochEngine
    function settleEpoch(uint256 epoch, Witness calldata witness) external override {
        YumaMemory.reserve();
        uint256 round = _requireWindow(epoch);
        if (_nextEpoch() > epoch) revert AlreadySettled(epoch);
        Epoch memory e = _load(epoch);
        Yuma.Input memory input = _input(e, witness);
        Yuma.Output memory output = Yuma.settle(input, witness.rows, witness.previous.bonds, witness.medianHints);

        state.nextEpoch = uint32(epoch + 1); // safe: UidSlots keeps epochs below 2^28
        _bondsHash = _hashBonds(e.validatorIds, e.columns, keccak256(output.bonds));
        emit EpochSettled(
            epoch,
            round,
            e.validatorIds,
            PackedU64.pack(output.incentive),
            PackedU64.pack(output.dividends),
            PackedU64.pack(output.consensus),
            output.bonds
        );
        metagraph.recordSettlement(epoch, PackedU16.packSharesDown(output.incentive));
        emission.settle(epoch, e.minerIds, output.incentive, e.validatorIds, output.dividends, msg.sender);
    }

    /// @inheritdoc IEpochEngine
    function settledAny() external view override returns (bool) {
        return _nextEpoch() > 0;
    }

    /// @inheritdoc IEpochEngine
    function lastSettledEpoch() external view override returns (uint256) {
        uint256 next = _nextEpoch();
        return next == 0 ? 0 : next - 1;
    }

    /// @inheritdoc IEpochEngine
    function bondsHash() public view override returns (bytes32 hash) {
        hash = _bondsHash;
        if (hash != 0) return hash;
        return address(predecessor) == address(0) ? _noBondsHash() : predecessor.bondsHash();
    }

    /// @inheritdoc IEpochEngine
    function parametersAt(uint256 epoch) external view override returns (Parameters memory) {
        Scheduled memory s = _scheduledAt(epoch);
        return Parameters(s.kappaU16, s.bondsMovingAverageMillionths, s.bondsPenalty, s.reviveAfter);
    }

    /// The epoch after the last settled one, by this engine or the one before; 0 before any.
    function _nextEpoch() private view returns (uint256 next) {
        next = state.nextEpoch;
        if (next != 0 || address(predecessor) == address(0) || !predecessor.settledAny()) return next;
        return predecessor.lastSettledEpoch() + 1;
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
        e.validatorUids = BitList.positions(metagraph.permitsAt(epoch));
        e.validatorIds = new uint256[](e.validatorUids.length);
        for (uint256 i = 0; i < e.validatorIds.length; ++i) {
            e.validatorIds[i] = e.minerIds[e.validatorUids[i]];
        }
    }

    /// Checks rows and bonds against their hashes and says what of them does not count.
    function _input(Epoch memory e, Witness calldata witness) private view returns (Yuma.Input memory input) {
        if (witness.rows.length != e.validatorIds.length) {
            revert BadRowCount(witness.rows.length, e.validatorIds.length);
        }
        if (witness.medianHints.length != e.columns) revert BadHintCount(witness.medianHints.length, e.columns);
        Scheduled memory parameters = _scheduledAt(e.number);
        _requireBonds(e.number, parameters.reviveAfter, witness.previous);

        input.columns = e.columns;
        input.stakes = _stakes(e, witness.rows);
        input.ownColumns = e.validatorUids;
        input.absentWeights = e.registeredThisEpoch;
        input.previousIndex = _previousIndex(e.validatorIds, witness.previous.neuronIds);
        input.previousValidators = witness.previous.neuronIds.length;
        input.previousColumns = witness.previous.columns;
        input.absentBonds = e.registeredSinceSettlement;
        input.kappa = Q32.fromU16(parameters.kappaU16);
        input.alpha = Q32.ONE - Q32.divDown(parameters.bondsMovingAverageMillionths, MILLION);
        input.bondsPenalty = parameters.bondsPenalty;
        input.rankSum = witness.rankSum;
    }

    /// The bonds of the last settlement, or none at all once so many epochs went by that they may be lost.
    function _requireBonds(uint256 epoch, uint256 reviveAfter, PreviousBonds calldata previous) private view {
        bytes32 given = _hashBonds(previous.neuronIds, previous.columns, keccak256(previous.bonds));
        bytes32 expected = bondsHash();
        if (given == expected) return;
        bool revived = given == _noBondsHash() && epoch >= _nextEpoch() + reviveAfter;
        if (!revived) revert BadBonds(expected, given);
    }

    /// Stake at the epoch's end of each validator that revealed its row, 0 of the others.
    function _stakes(Epoch memory e, bytes[] calldata rows) private view returns (uint256[] memory stakes) {
        stakes = new uint256[](rows.length);
        bytes32[] memory hashes = weightLedger.revealedRowHashes(e.validatorUids, e.number);
        uint256[] memory all = stakeManager.stakesAt(e.validatorIds, e.number + 1);
        uint256 total = 0;
        for (uint256 i = 0; i < rows.length; ++i) {
            if (hashes[i] == 0) {
                if (rows[i].length != 0) revert BadRow(i);
                continue;
            }
            if (CommitWordLibrary.truncate(keccak256(rows[i])) != hashes[i]) revert BadRow(i);
            total += stakes[i] = all[i];
        }
        if (total == 0) revert NothingRevealed(e.number);
    }

    /// Where each neuron stands among the validators of the last settlement. Both lists ascend by uid, so that the next
    /// one is tried first; only a neuron that was not there takes a search.
    function _previousIndex(
        uint256[] memory neuronIds,
        uint256[] calldata previous
    ) private pure returns (uint256[] memory indices) {
        indices = new uint256[](neuronIds.length);
        uint256 next = 0;
        for (uint256 i = 0; i < indices.length; ++i) {
            uint256 found = _find(previous, neuronIds[i], next);
            indices[i] = found;
            if (found != Yuma.NONE) next = found + 1;
        }
    }

    /// Index of `id` in `ids`, looked for at `guess` first, or `Yuma.NONE`.
    function _find(uint256[] calldata ids, uint256 id, uint256 guess) private pure returns (uint256) {
        if (guess < ids.length && ids[guess] == id) return guess;
        for (uint256 k = 0; k < ids.length; ++k) {
            if (ids[k] == id) return k;
        }
        return Yuma.NONE;
    }

    function _requireSameClock(address other, RoundClock otherClock) private view {
        if (RoundClock.unwrap(otherClock) != RoundClock.unwrap(clock)) revert ClockMismatch(other);
    }

    function _scheduledAt(uint256 epoch) private view returns (Scheduled memory) {
        State memory s = state;
        return epoch < s.latest.fromEpoch ? s.earlier : s.latest;
    }

    /// The casts are safe: each value is bounded here, epochs as in `settleEpoch`.
    function _checked(uint256 fromEpoch, Parameters memory p) private pure returns (Scheduled memory) {
        // A majority of at least a half; at most 9/10, so that what rounding takes from the shares cannot matter.
        Bounds.check("kappaU16", p.kappaU16, 32_767, 58_981);
        Bounds.check("bondsMovingAverageMillionths", p.bondsMovingAverageMillionths, 0, MILLION - 1);
        Bounds.check("reviveAfter", p.reviveAfter, 3, 10_000);
        return
            Scheduled({
                fromEpoch: uint32(fromEpoch),
                kappaU16: uint16(p.kappaU16),
                bondsMovingAverageMillionths: uint32(p.bondsMovingAverageMillionths),
                bondsPenalty: p.bondsPenalty,
                reviveAfter: uint16(p.reviveAfter)
            });
    }

    function _hashBonds(uint256[] memory ids, uint256 columns, bytes32 bonds) private pure returns (bytes32) {
        return keccak256(abi.encode(ids, columns, bonds));
    }

    function _noBondsHash() private pure returns (bytes32) {
        return _hashBonds(new uint256[](0), 0, keccak256(""));
    }
}
