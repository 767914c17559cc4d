// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMetagraph} from "../interfaces/IMetagraph.sol";
import {IStakeCounting} from "../interfaces/IStakeCounting.sol";
import {IStakeManager} from "../interfaces/IStakeManager.sol";
import {RoundClock} from "../libraries/RoundClock.sol";

/// @title StakeCounting
abstract contract StakeCounting is Governor, IStakeCounting {
    using SafeCast for uint256;

    /// @dev A pool at the start of an epoch: wei and shares. `recorded` tells an empty pool from an unknown one. One word.
    struct PoolRecord {
        uint112 assets;
        uint112 shares;
        bool recorded;
    }

    /// @dev What of a pool was voted: `overridden` wei by stakers themselves; the rest by the coldkey, `support` − 1 (0: not
    /// yet). One word.
    struct PoolVote {
        uint112 overridden;
        uint8 supportPlusOne;
    }

    /// @dev Wei for each kind of vote, and who voted what it holds itself.
    struct Votes {
        uint256[3] counts;
        mapping(address account => bool) voted;
        mapping(uint256 neuronId => PoolVote) pools;
        mapping(uint256 neuronId => mapping(address account => bool)) stakers;
    }

    uint256 private constant KINDS = 3;

    IMetagraph internal immutable metagraph;
    IStakeManager internal immutable stakeManager;
    RoundClock internal immutable runClock;

    mapping(uint256 proposalId => Votes) private _votes;
    mapping(uint256 epoch => mapping(uint256 neuronId => PoolRecord)) private _records;

    constructor(IMetagraph metagraph_, IStakeManager stakeManager_) {
        (metagraph, stakeManager, runClock) = (metagraph_, stakeManager_, metagraph_.clock());
    }

    /// @inheritdoc IStakeCounting
    function recordPools(uint256 proposalId, uint256[] calldata neuronIds) external {
        uint256 epoch = stakeEpochOf(proposalId);
        for (uint256 i = 0; i < neuronIds.length; ++i) _recordOf(epoch, neuronIds[i]);
    }

    /// @inheritdoc IStakeCounting
    function castPoolVote(uint256 proposalId, uint256 neuronId, uint8 support) external returns (uint256 weight) {
        _requireActive(proposalId, support);
        address coldkey = metagraph.coldkeyOf(neuronId);
        if (msg.sender != coldkey) revert NotColdkey(neuronId, msg.sender, coldkey);
        PoolVote storage pool = _votes[proposalId].pools[neuronId];
        if (pool.supportPlusOne != 0) revert PoolAlreadyVoted(proposalId, neuronId);
        weight = _recordOf(stakeEpochOf(proposalId), neuronId).assets - pool.overridden;
        pool.supportPlusOne = support + 1;
        _votes[proposalId].counts[support] += weight;
        emit StakeVoteCast(msg.sender, proposalId, neuronId, support, weight);
    }

    /// @inheritdoc IStakeCounting
    function castStakeVote(uint256 proposalId, uint256 neuronId, uint8 support) external returns (uint256 weight) {
        _requireActive(proposalId, support);
        Votes storage votes = _votes[proposalId];
        if (votes.stakers[neuronId][msg.sender]) revert StakeAlreadyVoted(proposalId, neuronId, msg.sender);
        votes.stakers[neuronId][msg.sender] = true;
        weight = _stakeOf(stakeEpochOf(proposalId), neuronId, msg.sender);
        PoolVote memory pool = votes.pools[neuronId];
        if (pool.supportPlusOne != 0) votes.counts[pool.supportPlusOne - 1] -= weight;
        votes.pools[neuronId].overridden = pool.overridden + weight.toUint112();
        votes.counts[support] += weight;
        emit StakeVoteCast(msg.sender, proposalId, neuronId, support, weight);
    }

    /// @inheritdoc IStakeCounting
    function stakeEpochOf(uint256 proposalId) public view returns (uint256) {
        return runClock.epochAt(proposalSnapshot(proposalId) + 1);
    }

    /// @inheritdoc IStakeCounting
    function proposalVotes(
        uint256 proposalId
    ) public view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes) {
        uint256[3] storage counts = _votes[proposalId].counts;
        return (counts[0], counts[1], counts[2]);
    }

    /// @notice The kinds of votes and what reaches the quorum, as wallets parse it.
    // The name is IGovernor's.
    // solhint-disable-next-line func-name-mixedcase
    function COUNTING_MODE() public pure override returns (string memory) {
        return "support=bravo&quorum=for,abstain";
    }

    /// @notice Whether the account voted with what it holds itself.
    function hasVoted(uint256 proposalId, address account) public view override returns (bool) {
        return _votes[proposalId].voted[account];
    }

    function _quorumReached(uint256 proposalId) internal view override returns (bool) {
        (, uint256 forVotes, uint256 abstainVotes) = proposalVotes(proposalId);
        return forVotes + abstainVotes >= quorum(proposalSnapshot(proposalId));
    }

    function _voteSucceeded(uint256 proposalId) internal view override returns (bool) {
        (uint256 againstVotes, uint256 forVotes, ) = proposalVotes(proposalId);
        return forVotes > againstVotes;
    }

    function _countVote(
        uint256 proposalId,
        address account,
        uint8 support,
        uint256 weight,
        bytes memory
    ) internal override returns (uint256) {
        Votes storage votes = _votes[proposalId];
        if (votes.voted[account]) revert GovernorAlreadyCastVote(account);
        if (support >= KINDS) revert GovernorInvalidVoteType();
        votes.voted[account] = true;
        votes.counts[support] += weight;
        return weight;
    }

    function _requireActive(uint256 proposalId, uint8 support) private view {
        _validateStateBitmap(proposalId, _encodeStateBitmap(ProposalState.Active));
        if (support >= KINDS) revert GovernorInvalidVoteType();
    }

    /// @dev The pool at the start of `epoch`; recorded now if it was not and the stake manager still keeps it.
    function _recordOf(uint256 epoch, uint256 neuronId) private returns (PoolRecord memory pool) {
        pool = _records[epoch][neuronId];
        if (pool.recorded) return pool;
        uint256 shares = stakeManager.totalSharesAt(neuronId, epoch);
        pool = PoolRecord(stakeManager.stakeAt(neuronId, epoch).toUint112(), shares.toUint112(), true);
        _records[epoch][neuronId] = pool;
        emit PoolRecorded(epoch, neuronId, pool.assets, pool.shares);
    }

    /// @dev Wei that the account's shares were worth at the start of `epoch`, rounded down, so that all parts of a pool sum to
    /// no more than the pool.
    function _stakeOf(uint256 epoch, uint256 neuronId, address account) private returns (uint256) {
        PoolRecord memory pool = _recordOf(epoch, neuronId);
        uint256 shares = stakeManager.sharesAt(neuronId, account, epoch);
        return pool.shares == 0 ? 0 : Math.mulDiv(Math.min(shares, pool.shares), pool.assets, pool.shares);
    }
}
