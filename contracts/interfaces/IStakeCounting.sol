// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IStakeCounting: votes of what is staked
/// @notice Beside what accounts hold (ERC20Votes), what is staked votes too, each wei once: a pool by its neuron's
/// coldkey, whatever its stakers did not vote themselves. Stake counts as it stood at the start of the epoch in which the
/// vote opens, a second after the snapshot that counts balances, so that nothing counts twice. Amounts are wei.
/// @dev The stake manager keeps a pool's stake of an epoch until the pool changes in a later one. So pools are recorded
/// while the vote's first epoch lasts, by anyone; every vote records its pool as well.
interface IStakeCounting {
    /// @notice Only the neuron's coldkey votes its pool.
    error NotColdkey(uint256 neuronId, address caller, address coldkey);

    /// @notice The pool was voted by its coldkey already.
    error PoolAlreadyVoted(uint256 proposalId, uint256 neuronId);

    /// @notice The account voted its stake in that pool already.
    error StakeAlreadyVoted(uint256 proposalId, uint256 neuronId, address account);

    /// @notice The pool held `assets` wei in `shares` shares when `epoch` started.
    event PoolRecorded(uint256 indexed epoch, uint256 indexed neuronId, uint256 assets, uint256 shares);

    /// @notice `voter` voted `weight` wei of the pool: as its coldkey, or its own stake in it. `support`: 0 against, 1 for, 2
    /// abstain.
    event StakeVoteCast(
        address indexed voter,
        uint256 indexed proposalId,
        uint256 indexed neuronId,
        uint8 support,
        uint256 weight
    );

    /// @notice Keeps the pools for the votes of a proposal. Anyone may call, best while the vote's first epoch lasts.
    /// Errors: `IStakeManager.EpochNotStarted` before it, `IStakeManager.StakeNotKept` and `EpochAmountLib.AmountNotKept`
    /// when a pool changed since.
    function recordPools(uint256 proposalId, uint256[] calldata neuronIds) external;

    /// @notice Votes what of the pool its stakers did not and will not vote themselves. Only the neuron's coldkey, once.
    /// Errors: `GovernorUnexpectedProposalState`, `GovernorInvalidVoteType`, `NotColdkey`, `PoolAlreadyVoted`, those of
    /// `recordPools`.
    function castPoolVote(uint256 proposalId, uint256 neuronId, uint8 support) external returns (uint256 weight);

    /// @notice Votes the caller's own stake in the pool, in place of the coldkey, before or after it. Once. Possible until
    /// the caller changes its stake there in an epoch after the vote's first. Errors: `GovernorUnexpectedProposalState`,
    /// `GovernorInvalidVoteType`, `StakeAlreadyVoted`, `EpochAmountLib.AmountNotKept`, those of `recordPools`.
    function castStakeVote(uint256 proposalId, uint256 neuronId, uint8 support) external returns (uint256 weight);

    /// @notice The epoch at whose start stake counts for the proposal.
    function stakeEpochOf(uint256 proposalId) external view returns (uint256);

    /// @notice Wei of the votes so far.
    function proposalVotes(
        uint256 proposalId
    ) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes);
}
