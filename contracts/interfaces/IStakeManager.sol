// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";
import {IWeftToken} from "./IWeftToken.sol";

/// @title StakeManager: one pool of staked WEFT per neuron
/// @notice Anyone stakes on any active neuron; staking on one's own and delegating are the same call. A pool's shares
/// grow in value by rewards and lose by slashes. Assets are wei; shares have no unit. Accounting is internal: tokens sent
/// here by a plain transfer belong to nobody. Rounding is against the caller, so that nothing but a slash lowers the value
/// of a share. Pools belong to neuronIds, which are never reused: a neuron that lost its uid keeps its stake.
/// What is unstaked waits in a second pool of the neuron, where slashes reach it too, also after its release time until it
/// is withdrawn. Pausing closes `stake` alone.
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

    /// @notice Only `slashing` may slash.
    error NotSlashing(address caller, address slashing);

    /// @notice Only `metagraph` may open pools and move an owner's stake.
    error NotMetagraph(address caller, address metagraph);

    /// @notice Only the neuron's coldkey may set its take.
    error NotColdkey(uint256 neuronId, address caller, address coldkey);

    /// @notice No higher take was announced (0), or it may be applied from `fromEpoch` on.
    error TakeNotDue(uint256 neuronId, uint256 fromEpoch);

    /// @notice Stake of `account` waits until `releaseAt`; its neuron cannot change hands before.
    error StillUnbonding(uint256 neuronId, address account, uint256 releaseAt);

    /// @notice The two lists differ in length.
    error LengthMismatch(uint256 neuronIds, uint256 amounts);

    /// @notice The wiring was set.
    event StakeManagerLinked(address emission, address slashing);

    /// @notice A pool's assets changed to `assets` wei in `epoch` (0 before genesis). Emitted at every change but by rewards:
    /// what those add stands in `IEmission.Credited`, the dividend less the take.
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

    /// @notice The owner will take `takeBps` of dividends, once somebody applies it from `fromEpoch` on.
    event TakeAnnounced(uint256 indexed neuronId, uint256 takeBps, uint256 fromEpoch);

    /// @notice The owner takes `takeBps` of dividends from now on.
    event TakeSet(uint256 indexed neuronId, uint256 takeBps);

    /// @notice The neuron changed hands, and with it `shares` of its own pool.
    event SharesMoved(uint256 indexed neuronId, address indexed from, address indexed to, uint256 shares);

    /// @notice A slash took `fromOwner` wei from the owner's stake and `fromPool` from everybody's. `reward` of the first
    /// went to `reporter`, the rest was burned.
    event StakeSlashed(
        uint256 indexed neuronId,
        address indexed owner,
        uint256 fromOwner,
        uint256 fromPool,
        address reporter,
        uint256 reward
    );

    /// @notice One waiting withdrawal: worth `assets` wei now, payable from `releaseAt` (Unix seconds) on.
    struct Unbonding {
        uint128 assets;
        uint64 releaseAt;
    }

    /// @notice Sets the wiring, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address emission_, address slashing_) external;

    /// @notice Stakes `assets` wei of the caller's, against its allowance, on an active neuron. Shares are rounded down.
    /// Errors: `DeadlinePassed`, `GateLib.Paused`, `InactiveNeuron`, `ZeroShares`, `SharesBelowMinimum`, the token's, and
    /// `SafeCastOverflowedUintDowncast` on a pool that slashes left with too many shares for its assets.
    function stake(
        uint256 neuronId,
        uint256 assets,
        uint256 minShares,
        uint256 deadline
    ) external returns (uint256 shares);

    /// @notice `selfPermit(assets, deadline, v, r, s)` and `stake` in one call.
    function stakeWithPermit(
        uint256 neuronId,
        uint256 assets,
        uint256 minShares,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
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

    /// @notice Pays the caller its matured entries of this neuron, oldest first, at most `MAX_WITHDRAWALS` per call: what
    /// slashes left of them, rounded down. Errors: `NothingMatured`.
    function withdraw(uint256 neuronId) external returns (uint256 assets);

    /// @notice Sets what the caller, the neuron's coldkey, takes of dividends before the pool: a lower take at once, a
    /// higher one by `applyTake`, when stakers have had `unbondingEpochs` whole epochs to leave. Withdraws an earlier notice.
    /// Errors: `NotColdkey`, `Bounds.ParameterOutOfBounds` above `maxTakeBps`, `IMetagraph.UnknownNeuron`.
    function setTake(uint256 neuronId, uint256 takeBps) external;

    /// @notice Applies an announced take when it is due. Anyone may call. Errors: `TakeNotDue`.
    function applyTake(uint256 neuronId) external;

    /// @notice Opens the pool of a neuron that registered to stakes, or closes that of one that lost its uid. Only `metagraph`.
    /// Errors: `NotMetagraph`.
    function setOpen(uint256 neuronId, bool open) external;

    /// @notice Moves the shares that a neuron's owner holds of its own pool to the new owner. Only `metagraph`. What waits
    /// to be withdrawn stays with the old owner, so that it must not wait any more.
    /// Errors: `NotMetagraph`, `StillUnbonding`.
    function moveOwnStake(uint256 neuronId, address from, address to) external;

    /// @notice Credits dividends in wei: to the owner its take, rounded down, to the pool the rest. A pool of less than a
    /// millionth of a millionth of a WEFT counts as empty: its owner takes all. Only `emission`, which sends `added` wei here.
    /// @return takes What the owner of `neuronIds[i]` takes of `dividends[i]`.
    /// @return added Sum of what the pools got.
    /// Errors: `NotEmission`, `LengthMismatch`.
    function addRewards(
        uint256[] calldata neuronIds,
        uint256[] calldata dividends
    ) external returns (uint256[] memory takes, uint256 added);

    /// @notice Takes up to `amount` wei: first from the owner's shares and what of its stake is unbonding (the newest
    /// `MAX_WITHDRAWALS` entries), then from all that is staked and unbonding alike, in one epoch at most `poolCapBps` of
    /// what was left there before the first such slash, or would be now without them if that is less. `rewardBps` of the owner's part go to `reporter`, the rest is burned.
    /// A pool that loses everything opens a new generation. All rounding is down. Only `slashing`. Errors: `NotSlashing`.
    function slash(
        uint256 neuronId,
        address owner,
        uint256 amount,
        uint256 poolCapBps,
        address reporter,
        uint256 rewardBps
    ) external returns (uint256 fromOwner, uint256 fromPool, uint256 reward);

    /// @notice The token staked.
    function token() external view returns (IWeftToken);

    /// @notice The run's clock.
    function clock() external view returns (RoundClock);

    /// @notice Whose neurons are staked on.
    function metagraph() external view returns (address);

    /// @notice Zero before `link`.
    function emission() external view returns (address);

    /// @notice Whole epochs that unstaked assets wait.
    function unbondingEpochs() external view returns (uint256);

    /// @notice Zero before `link`.
    function slashing() external view returns (address);

    /// @notice The most that owners take of dividends before their pool, in basis points, and their take at first.
    function maxTakeBps() external view returns (uint256);

    /// @notice What a neuron's owner takes of its dividends now, in basis points.
    function takeBpsOf(uint256 neuronId) external view returns (uint256);

    /// @notice The announced higher take and the epoch from which on it may be applied; (0, 0) without one.
    function takeNotice(uint256 neuronId) external view returns (uint256 takeBps, uint256 fromEpoch);

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

    /// @notice `stakeAt` of many neurons.
    function stakesAt(uint256[] calldata neuronIds, uint256 epoch) external view returns (uint256[] memory);

    /// @notice Shares of `account` at the start of `epoch`, of the pool's generation now. Kept as `stakeAt` is, until the
    /// account changes them in a later epoch: `EpochAmountLib.AmountNotKept`, `EpochNotStarted`.
    function sharesAt(uint256 neuronId, address account, uint256 epoch) external view returns (uint256);

    /// @notice All shares of the pool at the start of `epoch`, likewise, until anybody's change.
    function totalSharesAt(uint256 neuronId, uint256 epoch) external view returns (uint256);

    /// @notice Wei of the neuron's pool that wait to be withdrawn.
    function unbondingAssets(uint256 neuronId) external view returns (uint256);

    /// @notice How often the pool was slashed to nothing.
    function generationOf(uint256 neuronId) external view returns (uint256);

    /// @notice Wei that `account` would get for all its shares, rounded down.
    function assetsOf(uint256 neuronId, address account) external view returns (uint256);

    /// @notice Shares that `assets` wei would buy now, rounded down.
    function previewStake(uint256 neuronId, uint256 assets) external view returns (uint256);

    /// @notice Wei that `shares_` would bring now, rounded down.
    function previewUnstake(uint256 neuronId, uint256 shares_) external view returns (uint256);

    /// @notice Waiting withdrawals of `account`, oldest first.
    function unbonding(uint256 neuronId, address account) external view returns (Unbonding[] memory);
}
