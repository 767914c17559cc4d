// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ICheckpointLedger} from "./interfaces/ICheckpointLedger.sol";
import {ICollateralVault} from "./interfaces/ICollateralVault.sol";
import {IFaultLedger} from "./interfaces/IFaultLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {ISlashing} from "./interfaces/ISlashing.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {Linked} from "./Linked.sol";

/// @title Slashing
contract Slashing is ISlashing, Linked, AccessManaged {
    /// @dev `Parameters` in one word.
    struct Penalties {
        uint16 updateNotRevealed;
        uint16 weightsNotRevealed;
        uint16 dataWithheld;
        uint16 twoStateRoots;
        uint16 poolCap;
        uint16 reward;
    }

    /// @dev What a slash took, in wei.
    struct Loss {
        uint256 fromCollateral;
        uint256 fromOwner;
        uint256 fromPool;
        uint256 reward;
    }

    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_PENALTY_BPS = 5000;
    uint256 private constant MAX_REWARD_BPS = 1000;

    IMetagraph private immutable metagraph;
    IStakeManager private immutable stakeManager;
    ICollateralVault private immutable vault;
    IFaultLedger private immutable updateLedger;
    IFaultLedger private immutable weightLedger;
    ICheckpointLedger private immutable checkpointLedger;
    RoundClock private immutable clock;

    /// @inheritdoc ISlashing
    address public challenge;

    Penalties private _penalties;
    mapping(uint256 neuronId => mapping(uint256 round => bool)) private _slashedForRoots;

    constructor(
        IMetagraph metagraph_,
        IStakeManager stakeManager_,
        ICollateralVault vault_,
        IFaultLedger updateLedger_,
        IFaultLedger weightLedger_,
        ICheckpointLedger checkpointLedger_,
        Parameters memory p,
        address authority
    ) AccessManaged(authority) {
        metagraph = metagraph_;
        stakeManager = stakeManager_;
        vault = vault_;
        updateLedger = updateLedger_;
        weightLedger = weightLedger_;
        checkpointLedger = checkpointLedger_;
        clock = metagraph_.clock();
        _set(p);
    }

    /// @inheritdoc ISlashing
    function link(address challenge_) external {
        _linkOnce();
        challenge = _contractAt(challenge_);
        emit SlashingLinked(challenge_);
    }

    /// @inheritdoc ISlashing
    function setParameters(Parameters calldata p) external restricted {
        _set(p);
    }

    /// @dev The casts are safe: each value is bounded by 10,000 first.
    function _set(Parameters memory p) private {
        Bounds.check("updateNotRevealedBps", p.updateNotRevealedBps, 0, MAX_PENALTY_BPS);
        Bounds.check("weightsNotRevealedBps", p.weightsNotRevealedBps, 0, MAX_PENALTY_BPS);
        Bounds.check("dataWithheldBps", p.dataWithheldBps, 0, MAX_PENALTY_BPS);
        Bounds.check("twoStateRootsBps", p.twoStateRootsBps, 0, MAX_PENALTY_BPS);
        Bounds.check("poolCapBps", p.poolCapBps, 0, BPS);
        Bounds.check("rewardBps", p.rewardBps, 0, MAX_REWARD_BPS);
        _penalties = Penalties(
            uint16(p.updateNotRevealedBps),
            uint16(p.weightsNotRevealedBps),
            uint16(p.dataWithheldBps),
            uint16(p.twoStateRootsBps),
            uint16(p.poolCapBps),
            uint16(p.rewardBps)
        );
        emit ParametersSet(p);
    }

    // Faults

    /// @inheritdoc ISlashing
    function slashUpdate(address hotkey, uint256 round) external {
        (uint256 neuronId, address owner) = _answerable(hotkey, clock.epochOf(round));
        updateLedger.takeFault(hotkey, round);
        _slash(neuronId, owner, Fault.UpdateNotRevealed, round, _penalties.updateNotRevealed, msg.sender);
    }

    /// @inheritdoc ISlashing
    function slashWeights(address hotkey, uint256 epoch) external {
        metagraph.permittedNeuronOf(hotkey, epoch);
        // Weights of an epoch are committed in the next.
        (uint256 neuronId, address owner) = _answerable(hotkey, epoch + 1);
        weightLedger.takeFault(hotkey, epoch);
        _slash(neuronId, owner, Fault.WeightsNotRevealed, epoch, _penalties.weightsNotRevealed, msg.sender);
    }

    /// @inheritdoc ISlashing
    function slashWithheld(uint256 neuronId, uint256 round, address reporter) external {
        if (msg.sender != challenge) revert NotChallenge(msg.sender, challenge);
        address owner = metagraph.coldkeyOf(neuronId);
        _slash(neuronId, owner, Fault.DataWithheld, round, _penalties.dataWithheld, reporter);
    }

    /// @inheritdoc ISlashing
    function slashTwoStateRoots(
        address hotkey,
        ICheckpointLedger.Checkpoint calldata first,
        bytes calldata firstSignature,
        ICheckpointLedger.Checkpoint calldata second,
        bytes calldata secondSignature
    ) external {
        uint256 round = first.round;
        if (round != second.round || first.stateRoot == second.stateRoot) revert NoContradiction(round, second.round);
        (uint256 neuronId, address owner) = _answerable(hotkey, clock.epochOf(round));
        uint256 until = updateLedger.evidenceUntil(round);
        if (block.timestamp >= until) revert EvidenceTooLate(round, until);
        if (_slashedForRoots[neuronId][round]) revert AlreadySlashed(neuronId, round);
        _requireSigned(hotkey, first, firstSignature);
        _requireSigned(hotkey, second, secondSignature);
        _slashedForRoots[neuronId][round] = true;
        _slash(neuronId, owner, Fault.TwoStateRoots, round, _penalties.twoStateRoots, msg.sender);
    }

    /// @inheritdoc ISlashing
    function parameters() external view returns (Parameters memory) {
        Penalties memory p = _penalties;
        return
            Parameters(p.updateNotRevealed, p.weightsNotRevealed, p.dataWithheld, p.twoStateRoots, p.poolCap, p.reward);
    }

    /// @dev The neuron that a hotkey serves and its owner, if it registered before `epoch`.
    function _answerable(address hotkey, uint256 epoch) private view returns (uint256 neuronId, address owner) {
        uint256 registeredEpoch;
        (neuronId, owner, registeredEpoch) = metagraph.ownerOfHotkey(hotkey);
        if (registeredEpoch >= epoch) revert RegisteredSince(neuronId, registeredEpoch, epoch);
    }

    function _requireSigned(
        address hotkey,
        ICheckpointLedger.Checkpoint calldata checkpoint,
        bytes calldata signature
    ) private view {
        bytes32 digest = checkpointLedger.checkpointDigest(checkpoint);
        if (!SignatureChecker.isValidSignatureNow(hotkey, digest, signature)) revert NotSignedBy(hotkey, digest);
    }

    /// @dev Takes `bps` of what backs the neuron, in the order of loss. Only trusted contracts are called, and a token without
    /// hooks: what a fault was taken for is booked before.
    function _slash(
        uint256 neuronId,
        address owner,
        Fault fault,
        uint256 period,
        uint256 bps,
        address reporter
    ) private {
        Loss memory loss = _take(neuronId, owner, bps, reporter);
        emit Slashed(
            neuronId,
            fault,
            period,
            loss.fromCollateral,
            loss.fromOwner,
            loss.fromPool,
            reporter,
            loss.reward
        );
    }

    function _take(uint256 neuronId, address owner, uint256 bps, address reporter) private returns (Loss memory loss) {
        (, uint256 unearned) = vault.collateralOf(neuronId);
        uint256 staked = stakeManager.poolAssets(neuronId) + stakeManager.unbondingAssets(neuronId);
        uint256 amount = ((unearned + staked) * bps) / BPS;
        Penalties memory p = _penalties;
        if (unearned > 0) (loss.fromCollateral, loss.reward) = vault.slash(neuronId, amount, reporter, p.reward);
        amount -= loss.fromCollateral;
        if (amount == 0) return loss;
        uint256 more;
        (loss.fromOwner, loss.fromPool, more) = stakeManager.slash(
            neuronId,
            owner,
            amount,
            p.poolCap,
            reporter,
            p.reward
        );
        loss.reward += more;
    }
}
