// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";
import {IEmission} from "./IEmission.sol";
import {IMetagraph} from "./IMetagraph.sol";
import {IStakeManager} from "./IStakeManager.sol";
import {IWeightLedger} from "./IWeightLedger.sol";

/// @title IEpochEngine
/// @notice Settles an epoch in one transaction: the revealed rows and the bonds of the last settlement come back as
/// witnesses checked against the hashes on chain, Yuma turns them into shares (DESIGN §6), Emission pays.
/// @dev Holds four words beside its authority; a settlement overwrites two of them.
interface IEpochEngine {
    /// @notice What an authority may change; bounds in brackets.
    struct Parameters {
        /// @dev Stake majority of consensus as a fraction of 65535 [32,767, 58,981].
        uint256 kappaU16;
        /// @dev Share of the previous bonds that stays, in millionths [0, 999,999].
        uint256 bondsMovingAverageMillionths;
        /// @dev Whether bonds grow by the weight clipped to consensus (true) or by the weight as given.
        bool bondsPenalty;
        /// @dev Epochs left unsettled in a row after which a settlement may start from no bonds [3, 10,000].
        uint256 reviveAfter;
    }

    /// @param neuronIds Validators of the last settlement, in the order of their uids then.
    /// @param columns Number of uids then.
    /// @param bonds For each group of 15 uids, validator after validator, 15 big-endian u16; 0 beyond `columns`.
    struct PreviousBonds {
        uint256[] neuronIds;
        uint256 columns;
        bytes bonds;
    }

    /// @param rows One per uid permitted in the epoch, ascending; empty where none was revealed.
    /// @param previous As the last `EpochSettled` published it; everything empty before the first and for a revival.
    /// @param medianHints One byte per uid: index into `rows` of a validator that holds the column's median.
    /// @param rankSum Sum of the ranks R over all uids, Q32.
    struct Witness {
        bytes[] rows;
        PreviousBonds previous;
        bytes medianHints;
        uint256 rankSum;
    }

    /// @param round In which it was settled.
    /// @param validatorNeuronIds Neurons of the uids permitted in the epoch, ascending by uid.
    /// @param incentivesQ32 One big-endian u64 per uid.
    /// @param dividendsQ32 One big-endian u64 per validator.
    /// @param consensusQ32 One big-endian u64 per uid.
    /// @param bonds As `PreviousBonds.bonds`, what the next settlement takes.
    event EpochSettled(
        uint256 indexed epoch,
        uint256 round,
        uint256[] validatorNeuronIds,
        bytes incentivesQ32,
        bytes dividendsQ32,
        bytes consensusQ32,
        bytes bonds
    );

    /// @notice `parameters` hold for `fromEpoch` and later epochs.
    event ParametersSet(uint256 indexed fromEpoch, Parameters parameters);

    /// `round` lies outside of `[from, until)`, the rounds in which the epoch can be settled.
    error WrongWindow(uint256 epoch, uint256 round, uint256 from, uint256 until);
    error AlreadySettled(uint256 epoch);
    /// No permitted validator with stake revealed a row: the epoch is skipped and the last incentives stand.
    error NothingRevealed(uint256 epoch);
    error BadRowCount(uint256 given, uint256 expected);
    /// The row of the index-th permitted uid is not the one that was revealed.
    error BadRow(uint256 index);
    /// The previous bonds are not those of the last settlement, nor empty after `reviveAfter` unsettled epochs.
    error BadBonds(bytes32 expected, bytes32 given);
    error BadHintCount(uint256 given, uint256 expected);

    /// More uids or validators than one transaction settles.
    error MetagraphTooLarge(uint256 uids, uint256 validators, uint256 maxUids, uint256 maxValidators);
    error ClockMismatch(address other);

    /// @notice Settles `epoch` from the third round of epoch + 1 until that epoch's end, once, by anyone. The caller
    /// is credited a capped bounty. Weights and bonds on uids registered since are dropped, so are self-weights.
    /// Errors: WrongWindow, AlreadySettled, NothingRevealed, BadRowCount, BadRow, BadBonds, BadHintCount,
    /// Yuma.BadMedian, Yuma.BadRankSum.
    function settleEpoch(uint256 epoch, Witness calldata witness) external;

    /// @notice Changes the parameters from the current epoch on, whose settlement opens with the next one: what is being
    /// settled now is judged by what held before, and those of an epoch are final before its settlement can be built.
    /// Only the authority's role (`AccessManagedUnauthorized`); errors: Bounds.ParameterOutOfBounds.
    function setParameters(Parameters calldata parameters) external;

    /// @notice The parameters that `epoch` is settled with. For epochs before the last settlement window: those of the
    /// earliest epoch that is kept.
    function parametersAt(uint256 epoch) external view returns (Parameters memory);

    /// @notice Whether any epoch was settled, and the latest that was.
    function settledAny() external view returns (bool);

    /// @notice The latest settled epoch; 0 also before the first settlement, see `settledAny`.
    function lastSettledEpoch() external view returns (uint256);

    /// @notice The engine that settled before this one was put in its place, whose last settlement this one goes on from;
    /// zero for the first.
    function predecessor() external view returns (IEpochEngine);

    /// @notice keccak256(abi.encode(neuronIds, columns, keccak256(bonds))) of the last settlement, also of the predecessor.
    function bondsHash() external view returns (bytes32);

    function metagraph() external view returns (IMetagraph);

    function stakeManager() external view returns (IStakeManager);

    function weightLedger() external view returns (IWeightLedger);

    function emission() external view returns (IEmission);

    function clock() external view returns (RoundClock);
}
