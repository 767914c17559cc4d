// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {ShareMath} from "./libraries/ShareMath.sol";
import {UnbondingQueue} from "./libraries/UnbondingQueue.sol";
import {Linked} from "./Linked.sol";
import {SelfPermit} from "./SelfPermit.sol";

/// @title StakeManager
contract StakeManager is IStakeManager, SelfPermit, Linked {
    using SafeCast for uint256;
    using SafeERC20 for IWeftToken;

    /// @dev Wei now, wei at the start of `epoch`, and the epoch of the last change: one word.
    struct Pool {
        uint112 current;
        uint112 atEpochStart;
        uint32 epoch;
    }

    /// @inheritdoc IStakeManager
    uint256 public constant MAX_WITHDRAWALS = 32;

    uint256 private constant MIN_UNBONDING_EPOCHS = 2;
    uint256 private constant MAX_UNBONDING_EPOCHS = 10_000;
    uint256 private constant MAX_TAKE_BPS = 1800;

    /// @inheritdoc IStakeManager
    IWeftToken public immutable token;

    /// @inheritdoc IStakeManager
    RoundClock public immutable clock;

    /// @inheritdoc IStakeManager
    uint256 public immutable unbondingEpochs;

    /// @inheritdoc IStakeManager
    uint256 public immutable takeBps;

    /// @inheritdoc IStakeManager
    address public metagraph;

    /// @inheritdoc IStakeManager
    address public emission;

    /// @inheritdoc IStakeManager
    mapping(uint256 neuronId => uint256) public totalShares;

    /// @inheritdoc IStakeManager
    mapping(uint256 neuronId => mapping(address account => uint256)) public shares;

    mapping(uint256 neuronId => Pool) private _pools;
    mapping(uint256 neuronId => mapping(address account => UnbondingQueue)) private _queues;

    modifier before(uint256 deadline) {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        _;
    }

    /// @param token_ The token staked.
    /// @param clock_ The run's clock.
    /// @param unbondingEpochs_ Whole epochs that unstaked assets wait, 2 to 10,000.
    /// @param takeBps_ What owners take of dividends, at most 1,800 basis points.
    constructor(IWeftToken token_, RoundClock clock_, uint256 unbondingEpochs_, uint256 takeBps_) {
        token = token_;
        clock = clock_.validate();
        unbondingEpochs = Bounds.check("unbondingEpochs", unbondingEpochs_, MIN_UNBONDING_EPOCHS, MAX_UNBONDING_EPOCHS);
        takeBps = Bounds.check("takeBps", takeBps_, 0, MAX_TAKE_BPS);
    }

    /// @inheritdoc IStakeManager
    function link(address metagraph_, address emission_) external {
        _linkOnce();
        metagraph = _contractAt(metagraph_);
        emission = _contractAt(emission_);
        emit StakeManagerLinked(metagraph_, emission_);
    }

    // Staking

    /// @inheritdoc IStakeManager
    function stake(
        uint256 neuronId,
        uint256 assets,
        uint256 minShares,
        uint256 deadline
    ) external before(deadline) returns (uint256 bought) {
        if (!IMetagraph(metagraph).isActive(neuronId)) revert InactiveNeuron(neuronId);
        bought = previewStake(neuronId, assets);
        if (bought == 0) revert ZeroShares(assets);
        if (bought < minShares) revert SharesBelowMinimum(bought, minShares);

        shares[neuronId][msg.sender] += bought;
        totalShares[neuronId] += bought;
        _setPool(neuronId, poolAssets(neuronId) + assets);
        emit Staked(neuronId, msg.sender, assets, bought);

        token.safeTransferFrom(msg.sender, address(this), assets);
    }

    /// @inheritdoc IStakeManager
    function unstake(
        uint256 neuronId,
        uint256 shares_,
        uint256 minAssets,
        uint256 deadline
    ) external before(deadline) returns (uint256 assets) {
        uint256 held = shares[neuronId][msg.sender];
        if (shares_ > held) revert InsufficientShares(shares_, held);
        assets = previewUnstake(neuronId, shares_);
        if (assets == 0) revert ZeroAssets(shares_);
        if (assets < minAssets) revert AssetsBelowMinimum(assets, minAssets);

        shares[neuronId][msg.sender] = held - shares_;
        totalShares[neuronId] -= shares_;
        _setPool(neuronId, poolAssets(neuronId) - assets);
        uint256 releaseAt = clock.epochStart(_currentEpoch() + 1 + unbondingEpochs);
        _queues[neuronId][msg.sender].push(assets, releaseAt);
        emit Unstaked(neuronId, msg.sender, assets, shares_, releaseAt);
    }

    /// @inheritdoc IStakeManager
    function withdraw(uint256 neuronId) external returns (uint256 assets) {
        UnbondingQueue storage queue = _queues[neuronId][msg.sender];
        assets = queue.popMatured(block.timestamp, MAX_WITHDRAWALS);
        if (assets == 0) revert NothingMatured(queue.nextReleaseAt()); // every entry holds at least one wei
        emit Withdrawn(neuronId, msg.sender, assets);

        token.safeTransfer(msg.sender, assets);
    }

    /// @inheritdoc IStakeManager
    function addRewards(uint256[] calldata neuronIds, uint256[] calldata amounts) external {
        if (msg.sender != emission) revert NotEmission(msg.sender, emission);
        if (neuronIds.length != amounts.length) revert LengthMismatch(neuronIds.length, amounts.length);
        for (uint256 i = 0; i < neuronIds.length; i++) {
            if (amounts[i] == 0) continue;
            if (totalShares[neuronIds[i]] == 0) revert EmptyPool(neuronIds[i]);
            _setPool(neuronIds[i], poolAssets(neuronIds[i]) + amounts[i]);
        }
    }

    // Views

    /// @inheritdoc IStakeManager
    function poolAssets(uint256 neuronId) public view returns (uint256) {
        return _pools[neuronId].current;
    }

    /// @inheritdoc IStakeManager
    function stakeAt(uint256 neuronId, uint256 epoch) external view returns (uint256) {
        uint256 currentEpoch = _currentEpoch();
        if (epoch > currentEpoch) revert EpochNotStarted(epoch, currentEpoch);
        Pool memory pool = _pools[neuronId];
        if (epoch < pool.epoch) revert StakeNotKept(neuronId, epoch, pool.epoch);
        return epoch == pool.epoch ? pool.atEpochStart : pool.current;
    }

    /// @inheritdoc IStakeManager
    function assetsOf(uint256 neuronId, address account) external view returns (uint256) {
        return previewUnstake(neuronId, shares[neuronId][account]);
    }

    /// @inheritdoc IStakeManager
    function previewStake(uint256 neuronId, uint256 assets) public view returns (uint256) {
        return ShareMath.toSharesDown(assets, poolAssets(neuronId), totalShares[neuronId]);
    }

    /// @inheritdoc IStakeManager
    function previewUnstake(uint256 neuronId, uint256 shares_) public view returns (uint256) {
        return ShareMath.toAssetsDown(shares_, poolAssets(neuronId), totalShares[neuronId]);
    }

    /// @inheritdoc IStakeManager
    function unbonding(uint256 neuronId, address account) external view returns (Unbonding[] memory) {
        return _queues[neuronId][account].waiting();
    }

    // Internal

    /// @dev Sets a pool's wei and keeps what stood at the start of the current epoch. Before genesis epoch 0 has not
    /// started, so that its start moves along.
    function _setPool(uint256 neuronId, uint256 assets) private {
        uint32 epoch = _currentEpoch().toUint32();
        Pool storage pool = _pools[neuronId];
        uint112 next = assets.toUint112();
        if (block.timestamp < clock.genesis()) {
            pool.atEpochStart = next;
        } else if (pool.epoch != epoch) {
            pool.atEpochStart = pool.current;
            pool.epoch = epoch;
        }
        pool.current = next;
        emit PoolChanged(neuronId, epoch, assets);
    }

    function _currentEpoch() private view returns (uint256) {
        return clock.epochAt(block.timestamp);
    }

    function _permitToken() internal view override returns (address) {
        return address(token);
    }
}
