// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";
import {IWeftToken} from "./IWeftToken.sol";

/// @title StakeManager: one pool of staked WEFT per neuron
/// @notice Anyone stakes on any active neuron; staking on one's own and delegating are the same call. A pool's shares
/// grow in value by rewards. Assets are wei; shares have no unit. Accounting is internal: tokens sent here by a plain
/// transfer belong to nobody. Rounding is against the caller, so that the value of a share never falls.
/// Pools belong to neuronIds, which are never reused: a neuron that lost its uid keeps its stake.
interface IStakeManager {
    /// @notice The call came after its deadline.
    error DeadlinePassed(uint256 deadline, uint256 time);

    /// @notice The neuron holds no uid now, or never existed.
    error InactiveNeuron(uint256 neuronId);

    /// @notice `assets` wei are worth no share.
    error ZeroShares(uint256 assets);

    /// @notice `shares` are worth no wei.
    error ZeroAssets(uint256 shares);

    /// @notice The caller would get fewer shares than it asked for.
    error SharesBelowMinimum(uint256 shares, uint256 minShares);

    /// @notice The caller would get fewer wei than it asked for.
    error AssetsBelowMinimum(uint256 assets, uint256 minAssets);

    /// @notice The caller holds fewer shares than it wants to unstake.
    error InsufficientShares(uint256 shares, uint256 held);

    /// @notice Nothing can be withdrawn yet: the next entry is released at `nextReleaseAt` (0: there is none).
    error NothingMatured(uint256 nextReleaseAt);

    /// @notice The pool changed after `epoch` and the stake of `epoch` is no longer kept (the word is of `keptEpoch`).
    error StakeNotKept(uint256 neuronId, uint256 epoch, uint256 keptEpoch);

    /// @notice `epoch` has not started, so its stake is not fixed.
    error EpochNotStarted(uint256 epoch, uint256 currentEpoch);

    /// @notice Only `emission` may add rewards.
    error NotEmission(address caller, address emission);

    /// @notice The two lists differ in length.
    error LengthMismatch(uint256 neuronIds, uint256 amounts);

    /// @notice The pool has no shares that could receive rewards.
    error EmptyPool(uint256 neuronId);

    /// @notice The wiring was set.
    event StakeManagerLinked(address metagraph, address emission);

    /// @notice A pool's assets changed to `assets` wei in `epoch` (0 before genesis). Emitted at every change.
    event PoolChanged(uint256 indexed neuronId, uint32 epoch, uint256 assets);

    /// @notice `account` staked `assets` wei for `shares`.
    event Staked(uint256 indexed neuronId, address indexed account, uint256 assets, uint256 shares);

    /// @notice `account` gave up `shares` for `assets` wei, to be withdrawn from `releaseAt` (Unix seconds) on.
    event Unstaked(
        uint256 indexed neuronId,
        address indexed account,
        uint256 assets,
        uint256 shares,
        uint256 releaseAt
    );

    /// @notice `account` was paid `assets` wei of unbonded stake.
    event Withdrawn(uint256 indexed neuronId, address indexed account, uint256 assets);

    /// @notice One waiting withdrawal: `assets` wei, payable from `releaseAt` (Unix seconds) on.
    struct Unbonding {
        uint128 assets;
        uint64 releaseAt;
    }

    /// @notice Sets metagraph and emission, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address metagraph_, address emission_) external;

    /// @notice Stakes `assets` wei of the caller's, against its allowance, on an active neuron. Shares are rounded down.
    /// Errors: `DeadlinePassed`, `InactiveNeuron`, `ZeroShares`, `SharesBelowMinimum`, and the token's.
    function stake(
        uint256 neuronId,
        uint256 assets,
        uint256 minShares,
        uint256 deadline
    ) external returns (uint256 shares);

    /// @notice Gives up `shares_` for assets, rounded down, that stop earning now and are payable from the start of the
    /// epoch after `unbondingEpochs` whole epochs. Entries released at the same time are merged.
    /// Errors: `DeadlinePassed`, `InsufficientShares`, `ZeroAssets`, `AssetsBelowMinimum`.
    function unstake(
        uint256 neuronId,
        uint256 shares_,
        uint256 minAssets,
        uint256 deadline
    ) external returns (uint256 assets);

    /// @notice Pays the caller its matured entries of this neuron, oldest first, at most `MAX_WITHDRAWALS` per call.
    /// Errors: `NothingMatured`.
    function withdraw(uint256 neuronId) external returns (uint256 assets);

    /// @notice Adds `amounts[i]` wei to the pool of `neuronIds[i]`. The tokens must already be here. Only `emission`.
    /// A pool that gets 0 is left alone. Errors: `NotEmission`, `LengthMismatch`, `EmptyPool`.
    function addRewards(uint256[] calldata neuronIds, uint256[] calldata amounts) external;

    /// @notice The token staked.
    function token() external view returns (IWeftToken);

    /// @notice The run's clock.
    function clock() external view returns (RoundClock);

    /// @notice Zero before `link`.
    function metagraph() external view returns (address);

    /// @notice Zero before `link`.
    function emission() external view returns (address);

    /// @notice Whole epochs that unstaked assets wait.
    function unbondingEpochs() external view returns (uint256);

    /// @notice What a neuron's owner takes of its dividends before its pool, in basis points.
    function takeBps() external view returns (uint256);

    /// @notice The most entries one `withdraw` pays.
    function MAX_WITHDRAWALS() external view returns (uint256);

    /// @notice Shares of `account` in the pool.
    function shares(uint256 neuronId, address account) external view returns (uint256);

    /// @notice All shares of the pool.
    function totalShares(uint256 neuronId) external view returns (uint256);

    /// @notice Wei in the pool now.
    function poolAssets(uint256 neuronId) external view returns (uint256);

    /// @notice Wei in the pool at the start of `epoch` (for epoch 0: at genesis). Kept for every epoch since the one in
    /// which the pool last changed; `StakeNotKept` for older ones, `EpochNotStarted` for later than the current one.
    function stakeAt(uint256 neuronId, uint256 epoch) external view returns (uint256);

    /// @notice Wei that `account` would get for all its shares, rounded down.
    function assetsOf(uint256 neuronId, address account) external view returns (uint256);

    /// @notice Shares that `assets` wei would buy now, rounded down.
    function previewStake(uint256 neuronId, uint256 assets) external view returns (uint256);

    /// @notice Wei that `shares_` would bring now, rounded down.
    function previewUnstake(uint256 neuronId, uint256 shares_) external view returns (uint256);

    /// @notice Waiting withdrawals of `account`, oldest first.
    function unbonding(uint256 neuronId, address account) external view returns (Unbonding[] memory);
}
