// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {EpochAmount} from "./libraries/EpochAmount.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {ShareMath} from "./libraries/ShareMath.sol";
import {UnbondingPool} from "./libraries/UnbondingPool.sol";
import {UnbondingEntry, UnbondingQueue} from "./libraries/UnbondingQueue.sol";

/// @title StakePools: what a `StakeManager` keeps, and how it is read
abstract contract StakePools is IStakeManager {
    using SafeCast for uint256;

    /// @dev Wei now, wei at the start of `epoch`, and the epoch of the last change; what its owner leaves of the highest take,
    /// how often the pool was slashed to nothing, and whether its neuron holds a uid. One word.
    struct Pool {
        uint96 current;
        uint96 atEpochStart;
        uint32 epoch;
        uint16 takeDiscountBps;
        uint8 generation;
        bool open;
    }

    struct TakeNotice {
        uint16 takeBps;
        uint32 fromEpoch;
    }

    /// @inheritdoc IStakeManager
    RoundClock public immutable clock;

    /// @inheritdoc IStakeManager
    uint256 public immutable maxTakeBps;

    mapping(uint256 neuronId => Pool) internal _pools;
    /// @dev Shares are keyed by the pool's generation too: those of an earlier one are worth nothing.
    mapping(uint256 neuronId => mapping(uint256 generation => EpochAmount)) internal _totalShares;
    mapping(uint256 neuronId => mapping(uint256 generation => mapping(address account => EpochAmount)))
        internal _shares;
    mapping(uint256 neuronId => UnbondingPool) internal _unbondingPools;
    mapping(uint256 neuronId => mapping(address account => UnbondingQueue)) internal _queues;
    mapping(uint256 neuronId => TakeNotice) internal _takeNotices;

    constructor(RoundClock clock_, uint256 maxTakeBps_) {
        clock = clock_.validate();
        maxTakeBps = maxTakeBps_;
    }

    // Views

    /// @inheritdoc IStakeManager
    function poolAssets(uint256 neuronId) public view returns (uint256) {
        return _pools[neuronId].current;
    }

    /// @inheritdoc IStakeManager
    function unbondingAssets(uint256 neuronId) external view returns (uint256) {
        return _unbondingPools[neuronId].assets;
    }

    /// @inheritdoc IStakeManager
    function generationOf(uint256 neuronId) external view returns (uint256) {
        return _pools[neuronId].generation;
    }

    /// @inheritdoc IStakeManager
    function shares(uint256 neuronId, address account) public view returns (uint256) {
        return _shares[neuronId][_pools[neuronId].generation][account].current;
    }

    /// @inheritdoc IStakeManager
    function totalShares(uint256 neuronId) public view returns (uint256) {
        return _totalShares[neuronId][_pools[neuronId].generation].current;
    }

    /// @inheritdoc IStakeManager
    function takeBpsOf(uint256 neuronId) public view returns (uint256) {
        return maxTakeBps - _pools[neuronId].takeDiscountBps;
    }

    /// @inheritdoc IStakeManager
    function takeNotice(uint256 neuronId) external view returns (uint256 takeBps, uint256 fromEpoch) {
        return (_takeNotices[neuronId].takeBps, _takeNotices[neuronId].fromEpoch);
    }

    /// @inheritdoc IStakeManager
    function stakeAt(uint256 neuronId, uint256 epoch) external view returns (uint256) {
        _requireStarted(epoch);
        return _stakeAt(neuronId, epoch);
    }

    /// @inheritdoc IStakeManager
    function stakesAt(uint256[] calldata neuronIds, uint256 epoch) external view returns (uint256[] memory stakes) {
        _requireStarted(epoch);
        stakes = new uint256[](neuronIds.length);
        for (uint256 i = 0; i < stakes.length; i++) {
            stakes[i] = _stakeAt(neuronIds[i], epoch);
        }
    }

    /// @inheritdoc IStakeManager
    function sharesAt(uint256 neuronId, address account, uint256 epoch) external view returns (uint256) {
        _requireStarted(epoch);
        return _shares[neuronId][_pools[neuronId].generation][account].amountAt(epoch);
    }

    /// @inheritdoc IStakeManager
    function totalSharesAt(uint256 neuronId, uint256 epoch) external view returns (uint256) {
        _requireStarted(epoch);
        return _totalShares[neuronId][_pools[neuronId].generation].amountAt(epoch);
    }

    /// @inheritdoc IStakeManager
    function assetsOf(uint256 neuronId, address account) external view returns (uint256) {
        return previewUnstake(neuronId, shares(neuronId, account));
    }

    /// @inheritdoc IStakeManager
    function previewStake(uint256 neuronId, uint256 assets) external view returns (uint256) {
        return ShareMath.toSharesDown(assets, poolAssets(neuronId), totalShares(neuronId));
    }

    /// @inheritdoc IStakeManager
    function previewUnstake(uint256 neuronId, uint256 shares_) public view returns (uint256) {
        return ShareMath.toAssetsDown(shares_, poolAssets(neuronId), totalShares(neuronId));
    }

    /// @inheritdoc IStakeManager
    function unbonding(uint256 neuronId, address account) external view returns (Unbonding[] memory list) {
        UnbondingEntry[] memory entries = _queues[neuronId][account].waiting();
        list = new Unbonding[](entries.length);
        for (uint256 i = 0; i < list.length; i++) {
            uint256 assets = _unbondingPools[neuronId].worthDown(entries[i].shares);
            list[i] = Unbonding(assets.toUint128(), entries[i].releaseAt);
        }
    }

    // Internal

    /// @dev Burns `burned` of the account's shares, for which `assets` leave the pool.
    function _burnShares(uint256 neuronId, Pool memory pool, address account, uint256 burned, uint256 assets) internal {
        (uint256 epoch, bool started) = _now();
        EpochAmount storage held = _shares[neuronId][pool.generation][account];
        EpochAmount storage total = _totalShares[neuronId][pool.generation];
        held.set(held.current - burned, epoch, started);
        total.set(total.current - burned, epoch, started);
        _setPool(neuronId, pool, pool.current - assets, epoch, started);
    }

    /// @dev `_writePool` for everybody to see.
    function _setPool(uint256 neuronId, Pool memory pool, uint256 assets, uint256 epoch, bool started) internal {
        _writePool(neuronId, pool, assets, epoch, started);
        emit PoolChanged(neuronId, uint32(epoch), assets); // safe: the clock's epochs fit, see `toUint32` below
    }

    /// @dev Writes `pool` with its new wei and keeps what stood at the start of the current epoch. Before genesis epoch 0 has
    /// not started, so that its start moves along.
    function _writePool(uint256 neuronId, Pool memory pool, uint256 assets, uint256 epoch, bool started) internal {
        uint96 next = assets.toUint96();
        if (!started) {
            pool.atEpochStart = next;
        } else if (pool.epoch != epoch) {
            (pool.atEpochStart, pool.epoch) = (pool.current, epoch.toUint32());
        }
        pool.current = next;
        _pools[neuronId] = pool;
    }

    function _stakeAt(uint256 neuronId, uint256 epoch) private view returns (uint256) {
        Pool storage pool = _pools[neuronId];
        uint256 kept = pool.epoch;
        if (epoch < kept) revert StakeNotKept(neuronId, epoch, kept);
        return epoch == kept ? pool.atEpochStart : pool.current;
    }

    function _requireStarted(uint256 epoch) private view {
        (uint256 current, ) = _now();
        if (epoch > current) revert EpochNotStarted(epoch, current);
    }

    /// @dev The current epoch, and whether the run has started.
    function _now() internal view returns (uint256 epoch, bool started) {
        return (clock.epochAt(block.timestamp), block.timestamp >= clock.genesis());
    }
}
