// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICheckpointLedger} from "./ICheckpointLedger.sol";

/// @title Slashing: what a proven fault costs
/// @notice Four faults, each with a proof that anybody can bring: an update committed and not revealed, weights committed
/// and not revealed, data withheld (by the availability challenge), two state roots signed for one round. A fault costs a
/// fraction of what backs the neuron: its unearned collateral, all that is staked on it and all that is unbonding. Taken
/// in this order: unearned collateral, the operator's own stake (unbonding too), then everybody's alike, of which at most
/// `poolCapBps` in one epoch. The reporter gets `rewardBps` of the operator's own part, the rest is burned.
/// A neuron answers for nothing of the epoch that it registered in: its hotkey may have served another one before.
interface ISlashing {
    /// @notice Why a neuron was slashed.
    enum Fault {
        UpdateNotRevealed,
        WeightsNotRevealed,
        DataWithheld,
        TwoStateRoots
    }

    /// @notice Bounds in brackets; in basis points.
    struct Parameters {
        /// @dev What each fault costs of what backs the neuron [0, 5,000].
        uint256 updateNotRevealedBps;
        uint256 weightsNotRevealedBps;
        uint256 dataWithheldBps;
        uint256 twoStateRootsBps;
        /// @dev The most that the stake of others loses in one epoch [0, 10,000].
        uint256 poolCapBps;
        /// @dev The reporter's part of what the operator loses [0, 1,000].
        uint256 rewardBps;
    }

    /// @notice The neuron registered in `registeredEpoch`, which is not before the fault's `epoch`.
    error RegisteredSince(uint256 neuronId, uint256 registeredEpoch, uint256 epoch);

    /// @notice Only `challenge` reports withheld data.
    error NotChallenge(address caller, address challenge);

    /// @notice The two checkpoints are of different rounds, or have the same state root: nothing contradicts.
    error NoContradiction(uint256 firstRound, uint256 secondRound);

    /// @notice The signature is not the hotkey's.
    error NotSignedBy(address hotkey, bytes32 digest);

    /// @notice The neuron was slashed for its two state roots of `round` already.
    error AlreadySlashed(uint256 neuronId, uint256 round);

    /// @notice Evidence of that round counted until `until` (Unix seconds).
    error EvidenceTooLate(uint256 round, uint256 until);

    /// @notice The wiring was set.
    event SlashingLinked(address challenge);

    /// @notice The parameters from now on.
    event ParametersSet(Parameters parameters);

    /// @notice The neuron was slashed for `fault` in `period` (the round, or the epoch for weights): wei taken from its
    /// collateral, from its operator's stake and from everybody's; `reward` of the first two went to `reporter`.
    event Slashed(
        uint256 indexed neuronId,
        Fault indexed fault,
        uint256 period,
        uint256 fromCollateral,
        uint256 fromOwner,
        uint256 fromPool,
        address reporter,
        uint256 reward
    );

    /// @notice Sets the availability challenge, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address challenge_) external;

    /// @notice Changes the parameters. Only the authority's role (`AccessManagedUnauthorized`).
    /// Errors: `Bounds.ParameterOutOfBounds`.
    function setParameters(Parameters calldata p) external;

    /// @notice Slashes the neuron that `hotkey` serves for an update of `round` that it committed and did not reveal.
    /// Errors: `IMetagraph.NotRegistered`, `RegisteredSince`, and those of `IFaultLedger.takeFault`.
    function slashUpdate(address hotkey, uint256 round) external;

    /// @notice Slashes the neuron that `hotkey` serves for weights of `epoch` that it committed, with a permit, and did not
    /// reveal. Errors: `IMetagraph.NotRegistered`, `IMetagraph.NotPermitted`, `RegisteredSince`, and those of
    /// `IFaultLedger.takeFault`.
    function slashWeights(address hotkey, uint256 epoch) external;

    /// @notice Slashes the neuron for data of `round` that it did not serve when challenged. Only `challenge`.
    /// Errors: `NotChallenge`.
    function slashWithheld(uint256 neuronId, uint256 round, address reporter) external;

    /// @notice Slashes the neuron that `hotkey` serves for two checkpoints of one round with different state roots that it
    /// signed. Evidence counts as long as that of an update of the round: `IFaultLedger.evidenceUntil`.
    /// Errors: `IMetagraph.NotRegistered`, `RegisteredSince`, `NoContradiction`, `EvidenceTooLate`, `NotSignedBy`,
    /// `AlreadySlashed`.
    function slashTwoStateRoots(
        address hotkey,
        ICheckpointLedger.Checkpoint calldata first,
        bytes calldata firstSignature,
        ICheckpointLedger.Checkpoint calldata second,
        bytes calldata secondSignature
    ) external;

    /// @notice The parameters as they stand.
    function parameters() external view returns (Parameters memory);

    /// @notice Zero before `link`.
    function challenge() external view returns (address);
}
