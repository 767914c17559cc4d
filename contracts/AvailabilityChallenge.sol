// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IAvailabilityChallenge} from "./interfaces/IAvailabilityChallenge.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {ISlashing} from "./interfaces/ISlashing.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IUpdateLedger} from "./interfaces/IUpdateLedger.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {MerkleSlices} from "./libraries/MerkleSlices.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {SelfPermit} from "./SelfPermit.sol";

/// @title AvailabilityChallenge
contract AvailabilityChallenge is IAvailabilityChallenge, SelfPermit, AccessManaged {
    using SafeERC20 for IWeftToken;

    /// @dev What the answer is judged by, copied here: the update ledger reuses its word. Three words.
    struct Challenge {
        address challenger;
        uint96 bond;
        bytes32 dataRoot;
        uint40 size;
        uint32 index;
        uint64 deadline;
    }

    /// @dev Rounds that the update ledger keeps.
    uint256 private constant KEPT_ROUNDS = 4;
    /// @dev Deadline of a record that stays: the update cost its miner a slash and is not asked for again.
    uint64 private constant SETTLED = type(uint64).max;

    /// @inheritdoc IAvailabilityChallenge
    IWeftToken public immutable token;

    IMetagraph private immutable metagraph;
    IUpdateLedger private immutable updateLedger;
    ISlashing private immutable slashing;
    uint256 private immutable _maxBond;
    uint256 private immutable _maxAnswerSeconds;

    uint96 private _bond;
    uint64 private _answerSeconds;
    mapping(uint256 neuronId => mapping(uint256 round => Challenge)) private _challenges;

    constructor(
        IMetagraph metagraph_,
        IStakeManager stakeManager_,
        IUpdateLedger updateLedger_,
        ISlashing slashing_,
        Parameters memory p,
        address authority
    ) AccessManaged(authority) {
        (token, metagraph) = (metagraph_.token(), metagraph_);
        (updateLedger, slashing) = (updateLedger_, slashing_);
        RoundClock clock = metagraph_.clock();
        _maxBond = token.MAX_SUPPLY(); // below 2^96
        // Stake unstaked in the round itself waits for `unbondingEpochs` whole epochs; a challenge opens at most
        // `KEPT_ROUNDS` rounds after, and those fit in two epochs beside it for any tempo of at least three.
        uint256 waits = stakeManager_.unbondingEpochs() * clock.epochSeconds();
        _maxAnswerSeconds = waits - KEPT_ROUNDS * clock.period();
        _set(p);
    }

    /// @inheritdoc IAvailabilityChallenge
    function setParameters(Parameters calldata p) external restricted {
        _set(p);
    }

    /// @dev The casts are safe: each value is bounded first.
    function _set(Parameters memory p) private {
        _bond = uint96(Bounds.check("bond", p.bond, 1, _maxBond));
        _answerSeconds = uint64(Bounds.check("answerSeconds", p.answerSeconds, 1, _maxAnswerSeconds));
        emit ParametersSet(p);
    }

    /// @inheritdoc IAvailabilityChallenge
    function open(
        uint256 neuronId,
        address hotkey,
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt,
        uint256 index
    ) external {
        if (!updateLedger.isRevealed(hotkey, neuronId, round, digest, size, dataRoot, salt)) {
            revert NotRevealed(hotkey, round);
        }
        if (index >= MerkleSlices.countOf(size)) revert SliceOutOfBounds(index, MerkleSlices.countOf(size));
        Challenge storage challenge = _challenges[neuronId][round];
        if (challenge.deadline == SETTLED) revert AlreadySlashed(neuronId, round);
        if (challenge.deadline != 0) revert AlreadyOpen(neuronId, round, challenge.deadline);

        (uint96 bond, uint64 deadline) = (_bond, uint64(block.timestamp) + _answerSeconds);
        // safe: the ledger bounds sizes by 2^32, so that indices are below 2^22
        _challenges[neuronId][round] = Challenge(msg.sender, bond, dataRoot, uint40(size), uint32(index), deadline);
        emit ChallengeOpened(neuronId, round, msg.sender, index, deadline, bond);

        token.safeTransferFrom(msg.sender, address(this), bond);
    }

    /// @inheritdoc IAvailabilityChallenge
    function answer(uint256 neuronId, uint256 round, bytes calldata slice, bytes32[] calldata proof) external {
        Challenge memory challenge = _take(neuronId, round);
        if (block.timestamp >= challenge.deadline) revert TooLate(challenge.deadline, block.timestamp);
        bytes32 root = MerkleSlices.rootOf(challenge.size, challenge.index, slice, proof);
        if (root != challenge.dataRoot) revert WrongSlice(challenge.dataRoot, root);
        address to = metagraph.coldkeyOf(neuronId);
        emit ChallengeAnswered(neuronId, round, to, challenge.bond);

        token.safeTransfer(to, challenge.bond);
    }

    /// @inheritdoc IAvailabilityChallenge
    function expire(uint256 neuronId, uint256 round) external {
        Challenge memory challenge = _take(neuronId, round);
        if (block.timestamp < challenge.deadline) revert TooEarly(challenge.deadline, block.timestamp);
        _challenges[neuronId][round].deadline = SETTLED;
        emit ChallengeExpired(neuronId, round, challenge.challenger, challenge.bond);

        slashing.slashWithheld(neuronId, round, challenge.challenger);
        token.safeTransfer(challenge.challenger, challenge.bond);
    }

    /// @dev Removes an open challenge and returns it.
    function _take(uint256 neuronId, uint256 round) private returns (Challenge memory challenge) {
        challenge = _challenges[neuronId][round];
        if (challenge.deadline == 0 || challenge.deadline == SETTLED) revert NotOpen(neuronId, round);
        delete _challenges[neuronId][round];
    }

    /// @inheritdoc IAvailabilityChallenge
    function challengeOf(
        uint256 neuronId,
        uint256 round
    ) external view returns (address challenger, uint256 index, uint256 deadline, uint256 bond) {
        Challenge memory challenge = _challenges[neuronId][round];
        if (challenge.deadline == SETTLED) return (address(0), 0, 0, 0);
        return (challenge.challenger, challenge.index, challenge.deadline, challenge.bond);
    }

    /// @inheritdoc IAvailabilityChallenge
    function parameters() external view returns (Parameters memory) {
        return Parameters(_bond, _answerSeconds);
    }

    function _permitToken() internal view override returns (address) {
        return address(token);
    }
}
