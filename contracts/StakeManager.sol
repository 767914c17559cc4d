// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {EpochAmount} from "./libraries/EpochAmount.sol";
import {ShareMath} from "./libraries/ShareMath.sol";
import {UnbondingPool} from "./libraries/UnbondingPool.sol";
import {UnbondingQueue} from "./libraries/UnbondingQueue.sol";
import {Gated} from "./Gated.sol";
import {Linked} from "./Linked.sol";
import {SelfPermit} from "./SelfPermit.sol";
import {StakePools} from "./StakePools.sol";

/// @title StakeManager
contract StakeManager is StakePools, SelfPermit, Linked, Gated {
    using SafeCast for uint256;
    using SafeERC20 for IWeftToken;

    /// @dev What slashes took from everybody's stake in `epoch`, and what it was before.
    struct SlashBook {
        uint112 base;
        uint112 taken;
        uint32 epoch;
    }

    /// @inheritdoc IStakeManager
    uint256 public constant MAX_WITHDRAWALS = 32;

    uint256 private constant BPS = 10_000;
    uint256 private constant MIN_UNBONDING_EPOCHS = 2;
    uint256 private constant MAX_UNBONDING_EPOCHS = 10_000;
    uint256 private constant HIGHEST_TAKE_BPS = 1800;
    /// @dev A pool below a millionth of a millionth of a WEFT counts as empty: rewards there would go to nobody's shares.
    uint256 private constant MIN_REWARDED = 1e6;

    /// @inheritdoc IStakeManager
    IWeftToken public immutable token;

    /// @inheritdoc IStakeManager
    uint256 public immutable unbondingEpochs;

    /// @inheritdoc IStakeManager
    address public immutable metagraph;

    /// @inheritdoc IStakeManager
    address public emission;

    /// @inheritdoc IStakeManager
    address public slashing;

    mapping(uint256 neuronId => SlashBook) private _slashBooks;

    modifier before(uint256 deadline) {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        _;
    }

    /// @param metagraph_ Whose neurons are staked on, and whose token and clock are used.
    /// @param unbondingEpochs_ Whole epochs that unstaked assets wait, 2 to 10,000.
    /// @param maxTakeBps_ The most that owners take of dividends, at most 1,800 basis points, and their take at first.
    /// @param authority Who says which accounts may pause `stake`.
    constructor(
        IMetagraph metagraph_,
        uint256 unbondingEpochs_,
        uint256 maxTakeBps_,
        address authority
    )
        StakePools(metagraph_.clock(), Bounds.check("maxTakeBps", maxTakeBps_, 0, HIGHEST_TAKE_BPS))
        AccessManaged(authority)
    {
        (token, metagraph) = (metagraph_.token(), address(metagraph_));
        unbondingEpochs = Bounds.check("unbondingEpochs", unbondingEpochs_, MIN_UNBONDING_EPOCHS, MAX_UNBONDING_EPOCHS);
    }

    /// @inheritdoc IStakeManager
    function link(address emission_, address slashing_) external {
        _linkOnce();
        emission = _contractAt(emission_);
        slashing = _contractAt(slashing_);
        emit StakeManagerLinked(emission_, slashing_);
    }

    // Staking

    /// @inheritdoc IStakeManager
    function stake(
        uint256 neuronId,
        uint256 assets,
        uint256 minShares,
        uint256 deadline
    ) public before(deadline) whenOpen returns (uint256 bought) {
        Pool memory pool = _pools[neuronId];
        if (!pool.open) revert InactiveNeuron(neuronId);
        EpochAmount storage total = _totalShares[neuronId][pool.generation];
        EpochAmount storage held = _shares[neuronId][pool.generation][msg.sender];
        uint256 all = total.current;
        bought = ShareMath.toSharesDown(assets, pool.current, all);
        if (bought == 0) revert ZeroShares(assets);
        if (bought < minShares) revert SharesBelowMinimum(bought, minShares);

        (uint256 epoch, bool started) = _now();
        total.set(all + bought, epoch, started);
        held.set(held.current + bought, epoch, started);
        _setPool(neuronId, pool, pool.current + assets, epoch, started);
        emit Staked(neuronId, msg.sender, assets, bought);

        token.safeTransferFrom(msg.sender, address(this), assets);
    }

    /// @inheritdoc IStakeManager
    function stakeWithPermit(
        uint256 neuronId,
        uint256 assets,
        uint256 minShares,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint256 bought) {
        selfPermit(assets, deadline, v, r, s);
        return stake(neuronId, assets, minShares, deadline);
    }

    /// @inheritdoc IStakeManager
    function unstake(
        uint256 neuronId,
        uint256 shares_,
        uint256 minAssets,
        uint256 deadline
    ) external before(deadline) returns (uint256 assets) {
        Pool memory pool = _pools[neuronId];
        uint256 held = _shares[neuronId][pool.generation][msg.sender].current;
        if (shares_ > held) revert InsufficientShares(shares_, held);
        assets = previewUnstake(neuronId, shares_);
        if (assets == 0) revert ZeroAssets(shares_);
        if (assets < minAssets) revert AssetsBelowMinimum(assets, minAssets);

        _burnShares(neuronId, pool, msg.sender, shares_, assets);
        (uint256 epoch, ) = _now();
        uint256 releaseAt = clock.epochStart(epoch + 1 + unbondingEpochs);
        _queues[neuronId][msg.sender].push(_unbondingPools[neuronId].add(assets), releaseAt);
        emit Unstaked(neuronId, msg.sender, assets, shares_, releaseAt);
    }

    /// @inheritdoc IStakeManager
    function withdraw(uint256 neuronId) external returns (uint256 assets) {
        UnbondingQueue storage queue = _queues[neuronId][msg.sender];
        (uint256 count, uint256 matured) = queue.popMatured(block.timestamp, MAX_WITHDRAWALS);
        if (count == 0) revert NothingMatured(queue.nextReleaseAt());
        assets = _unbondingPools[neuronId].remove(matured);
        emit Withdrawn(neuronId, msg.sender, assets);

        token.safeTransfer(msg.sender, assets);
    }

    // Owners

    /// @inheritdoc IStakeManager
    function setTake(uint256 neuronId, uint256 takeBps) external {
        address coldkey = IMetagraph(metagraph).coldkeyOf(neuronId);
        if (msg.sender != coldkey) revert NotColdkey(neuronId, msg.sender, coldkey);
        Bounds.check("takeBps", takeBps, 0, maxTakeBps);
        if (takeBps > takeBpsOf(neuronId)) {
            (uint256 epoch, ) = _now();
            uint256 fromEpoch = epoch + 1 + unbondingEpochs;
            _takeNotices[neuronId] = TakeNotice(takeBps.toUint16(), fromEpoch.toUint32());
            emit TakeAnnounced(neuronId, takeBps, fromEpoch);
        } else {
            _setTake(neuronId, takeBps);
        }
    }

    /// @inheritdoc IStakeManager
    function applyTake(uint256 neuronId) external {
        TakeNotice memory notice = _takeNotices[neuronId];
        (uint256 epoch, ) = _now();
        if (notice.fromEpoch == 0 || epoch < notice.fromEpoch) revert TakeNotDue(neuronId, notice.fromEpoch);
        _setTake(neuronId, notice.takeBps);
    }

    function _setTake(uint256 neuronId, uint256 takeBps) private {
        delete _takeNotices[neuronId];
        _pools[neuronId].takeDiscountBps = (maxTakeBps - takeBps).toUint16();
        emit TakeSet(neuronId, takeBps);
    }

    /// @inheritdoc IStakeManager
    function setOpen(uint256 neuronId, bool open) external {
        if (msg.sender != metagraph) revert NotMetagraph(msg.sender, metagraph);
        _pools[neuronId].open = open;
    }

    /// @inheritdoc IStakeManager
    function moveOwnStake(uint256 neuronId, address from, address to) external {
        if (msg.sender != metagraph) revert NotMetagraph(msg.sender, metagraph);
        uint256 releaseAt = _queues[neuronId][from].lastReleaseAt();
        if (releaseAt > block.timestamp) revert StillUnbonding(neuronId, from, releaseAt);
        uint256 generation = _pools[neuronId].generation;
        EpochAmount storage source = _shares[neuronId][generation][from];
        EpochAmount storage target = _shares[neuronId][generation][to];
        uint256 moved = source.current;
        if (moved == 0 || from == to) return;
        (uint256 epoch, bool started) = _now();
        source.set(0, epoch, started);
        target.set(target.current + moved, epoch, started);
        emit SharesMoved(neuronId, from, to, moved);
    }

    // Rewards and slashes

    /// @inheritdoc IStakeManager
    function addRewards(
        uint256[] calldata neuronIds,
        uint256[] calldata dividends
    ) external returns (uint256[] memory takes, uint256 added) {
        if (msg.sender != emission) revert NotEmission(msg.sender, emission);
        if (neuronIds.length != dividends.length) revert LengthMismatch(neuronIds.length, dividends.length);
        takes = new uint256[](dividends.length);
        (uint256 epoch, bool started) = _now();
        for (uint256 i = 0; i < takes.length; i++) {
            uint256 dividend = dividends[i];
            if (dividend == 0) continue;
            Pool memory pool = _pools[neuronIds[i]];
            bool empty = pool.current < MIN_REWARDED;
            takes[i] = empty ? dividend : (dividend * (maxTakeBps - pool.takeDiscountBps)) / BPS;
            uint256 rest = dividend - takes[i];
            if (rest == 0) continue;
            added += rest;
            _writePool(neuronIds[i], pool, pool.current + rest, epoch, started);
        }
    }

    /// @inheritdoc IStakeManager
    function slash(
        uint256 neuronId,
        address owner,
        uint256 amount,
        uint256 poolCapBps,
        address reporter,
        uint256 rewardBps
    ) external returns (uint256 fromOwner, uint256 fromPool, uint256 reward) {
        if (msg.sender != slashing) revert NotSlashing(msg.sender, slashing);
        fromOwner = _slashOwner(neuronId, owner, amount);
        if (fromOwner < amount) {
            SlashBook memory book = _slashBookOf(neuronId);
            uint256 cap = (book.base * poolCapBps) / BPS;
            uint256 left = cap > book.taken ? cap - book.taken : 0;
            fromPool = _slashPool(neuronId, Math.min(amount - fromOwner, left));
            book.taken += fromPool.toUint112();
            _slashBooks[neuronId] = book;
        }
        reward = (fromOwner * rewardBps) / BPS;
        emit StakeSlashed(neuronId, owner, fromOwner, fromPool, reporter, reward);

        token.burn(fromOwner + fromPool - reward);
        if (reward > 0) token.safeTransfer(reporter, reward);
    }

    /// @dev Takes up to `amount` wei from the owner's shares, then from what of its stake is unbonding, newest first.
    function _slashOwner(uint256 neuronId, address owner, uint256 amount) private returns (uint256 taken) {
        Pool memory pool = _pools[neuronId];
        uint256 held = _shares[neuronId][pool.generation][owner].current;
        uint256 worth = previewUnstake(neuronId, held);
        taken = Math.min(worth, amount);
        if (taken > 0) {
            uint256 total = _totalShares[neuronId][pool.generation].current;
            uint256 burned = taken == worth ? held : Math.min(held, ShareMath.toSharesUp(taken, pool.current, total));
            _burnShares(neuronId, pool, owner, burned, taken);
        }
        UnbondingPool storage unbondingPool = _unbondingPools[neuronId];
        uint256 wanted = unbondingPool.sharesDown(amount - taken);
        if (wanted == 0) return taken;
        taken += unbondingPool.remove(_queues[neuronId][owner].takeNewest(wanted, MAX_WITHDRAWALS));
    }

    /// @dev What slashes took from everybody's stake in this epoch, and what there was before, or would be now without them if
    /// that is less: who stays is not charged for what others withdrew.
    function _slashBookOf(uint256 neuronId) private view returns (SlashBook memory book) {
        book = _slashBooks[neuronId];
        (uint256 epoch, ) = _now();
        uint256 all = uint256(_pools[neuronId].current) + _unbondingPools[neuronId].assets;
        if (book.epoch != epoch || book.base == 0) return SlashBook(all.toUint112(), 0, epoch.toUint32());
        book.base = Math.min(book.base, all + book.taken).toUint112();
    }

    /// @dev Takes up to `amount` wei from all that is staked and unbonding alike.
    function _slashPool(uint256 neuronId, uint256 amount) private returns (uint256 taken) {
        Pool memory pool = _pools[neuronId];
        uint256 waiting = _unbondingPools[neuronId].assets;
        uint256 all = uint256(pool.current) + waiting;
        amount = Math.min(amount, all);
        if (amount == 0) return 0;

        uint256 fromWaiting = Math.mulDiv(amount, waiting, all);
        uint256 fromStaked = amount - fromWaiting; // ≤ current: amount ≤ all, and what is rounded down is the other part
        taken = fromStaked + _unbondingPools[neuronId].slash(fromWaiting);
        // Nothing left, but shares that would price all later stake: they end here.
        if (fromStaked == pool.current && totalShares(neuronId) != 0) pool.generation++;
        (uint256 epoch, bool started) = _now();
        _setPool(neuronId, pool, pool.current - fromStaked, epoch, started);
    }

    // Internal

    function _permitToken() internal view override returns (address) {
        return address(token);
    }
}
