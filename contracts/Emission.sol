// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEmission} from "./interfaces/IEmission.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {CreditList} from "./libraries/CreditList.sol";
import {Earned} from "./libraries/Earned.sol";
import {Issuance} from "./libraries/Issuance.sol";
import {Q32} from "./libraries/Q32.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {TotalLanes} from "./libraries/TotalLanes.sol";
import {Linked} from "./Linked.sol";

/// @title Emission
contract Emission is IEmission, Linked, AccessManaged {
    using SafeERC20 for IWeftToken;
    using TotalLanes for mapping(uint256 => uint256);

    /// @dev The split of a pot from an epoch on. One word.
    struct Split {
        uint16 minerBps;
        uint16 validatorBps;
        uint16 treasuryBps;
        uint32 fromEpoch;
    }

    /// @dev A settlement under way; amounts in wei. `total` is what will be minted.
    struct Settlement {
        uint256 epoch;
        uint256 pot;
        uint256 total;
        uint256 toPools;
    }

    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_EPOCHS_COUNTED = 2;

    /// @inheritdoc IEmission
    IWeftToken public immutable token;

    /// @inheritdoc IEmission
    RoundClock public immutable clock;

    uint256 private immutable _cap;
    uint256 private immutable _baseRate;

    Split private _earlier;
    Split private _latest;
    uint96 private _maxBounty;
    address private _treasury;

    /// @inheritdoc IEmission
    address public immutable metagraph;

    /// @inheritdoc IEmission
    address public immutable stakeManager;

    /// @inheritdoc IEmission
    address public epochEngine;

    /// @inheritdoc IEmission
    uint64 public lastBoundary;

    /// @inheritdoc IEmission
    uint64 public endsAt = type(uint64).max;

    /// @dev Totals of three neurons in a word each: see `TotalLanes`.
    mapping(uint256 => uint256) private _earned;
    mapping(uint256 => uint256) private _claimed;
    mapping(address account => Earned) private _accounts;

    /// @param metagraph_ Whose neurons are paid, and whose token and clock are used.
    /// @param stakeManager_ Holds the pools.
    /// @param p Schedule and split; see `Parameters` for the bounds.
    /// @param authority Who says which accounts may change split and treasury, end emission and replace the epoch engine.
    constructor(
        IMetagraph metagraph_,
        IStakeManager stakeManager_,
        Parameters memory p,
        address authority
    ) AccessManaged(authority) {
        (token, clock) = (metagraph_.token(), metagraph_.clock());
        (metagraph, stakeManager) = (address(metagraph_), address(stakeManager_));
        _cap = token.MAX_SUPPLY();
        // With two epochs of the base rate at most half the cap, a pot never exceeds what is left: after k halvings
        // more than cap / 2^(k+1) is left, and a pot is at most (cap / 2) / 2^k.
        uint256 maxRate = _cap / (2 * MAX_EPOCHS_COUNTED * clock.epochSeconds());
        _baseRate = Bounds.check("baseRate", p.baseRate, 1, maxRate);
        _set(p, 0);
    }

    /// @inheritdoc IEmission
    function link(address epochEngine_) external {
        _linkOnce();
        epochEngine = _contractAt(epochEngine_);
        emit EmissionLinked(epochEngine_);
    }

    // Governance

    /// @inheritdoc IEmission
    function setParameters(Parameters calldata p) external restricted {
        if (p.baseRate != _baseRate) revert RateFixed(_baseRate);
        _set(p, clock.epochAt(block.timestamp));
    }

    /// @inheritdoc IEmission
    function setEpochEngine(address epochEngine_) external restricted {
        epochEngine = _contractAt(epochEngine_);
        emit EpochEngineSet(epochEngine_);
    }

    /// @inheritdoc IEmission
    function end(uint256 from) external restricted {
        if (from <= block.timestamp || from >= endsAt) revert EndOutOfBounds(from, block.timestamp, endsAt);
        endsAt = uint64(from); // safe: below the former end, a u64
        emit Ending(from);
    }

    /// @dev Sets split, bounty and treasury from `epoch` on. The casts are safe: parts are at most `BPS`, the bounty at most
    /// the cap, epochs as bounded by the metagraph.
    function _set(Parameters memory p, uint256 epoch) private {
        bool whole =
            p.minerBps <= BPS &&
                p.validatorBps <= BPS &&
                p.treasuryBps <= BPS &&
                p.minerBps + p.validatorBps + p.treasuryBps == BPS;
        if (!whole || p.minerBps == 0 || p.validatorBps == 0) {
            revert InvalidSplit(p.minerBps, p.validatorBps, p.treasuryBps);
        }
        if (p.treasury == address(0)) revert InvalidTreasury(p.treasury);
        if (_latest.fromEpoch < epoch) _earlier = _latest;
        _latest = Split(uint16(p.minerBps), uint16(p.validatorBps), uint16(p.treasuryBps), uint32(epoch));
        _maxBounty = uint96(Bounds.check("maxBounty", p.maxBounty, 0, _cap));
        _treasury = p.treasury;
        emit ParametersSet(epoch, p);
    }

    // Settlement

    /// @inheritdoc IEmission
    function settle(
        uint256 epoch,
        uint256[] calldata minerNeuronIds,
        uint256[] calldata incentivesQ32,
        uint256[] calldata validatorNeuronIds,
        uint256[] calldata dividendsQ32,
        address caller
    ) external {
        if (msg.sender != epochEngine) revert NotEpochEngine(msg.sender, epochEngine);
        Settlement memory s;
        (s.epoch, s.pot) = (epoch, _countedSeconds(epoch) * rate());
        Split memory split = epoch < _latest.fromEpoch ? _earlier : _latest;
        lastBoundary = uint64(clock.epochStart(epoch + 1)); // safe: the clock's times are u64 before any call overflows it
        emit Credited(
            epoch,
            _creditMiners(s, minerNeuronIds, incentivesQ32, (s.pot * split.minerBps) / BPS),
            _creditValidators(s, validatorNeuronIds, dividendsQ32, (s.pot * split.validatorBps) / BPS)
        );
        _creditTreasury(s, split, caller);

        if (s.total > 0) token.mint(address(this), s.total);
        if (s.toPools > 0) token.safeTransfer(stakeManager, s.toPools);
    }

    /// @dev Seconds between the last boundary and the end of `epoch`, at most two epochs, none before the first permit or
    /// after the run's end.
    function _countedSeconds(uint256 epoch) private view returns (uint256) {
        uint256 boundary = clock.epochStart(epoch + 1);
        if (boundary <= lastBoundary) revert BoundaryNotLater(boundary, lastBoundary);
        uint256 first = IMetagraph(metagraph).firstPermitEpoch();
        if (first > epoch) return 0;
        uint256 from = Math.max(lastBoundary, clock.epochStart(first));
        uint256 until = Math.min(boundary, endsAt);
        return until > from ? Math.min(until - from, MAX_EPOCHS_COUNTED * clock.epochSeconds()) : 0;
    }

    /// @dev Credits miners and returns who got what.
    function _creditMiners(
        Settlement memory s,
        uint256[] calldata ids,
        uint256[] calldata shares,
        uint256 pot
    ) private returns (bytes memory) {
        uint256[] memory incentives = _partsDown(s, ids.length, shares, pot);
        _earned.addAll(ids, incentives);
        return CreditList.pack(ids, incentives);
    }

    /// @dev Credits pools and, with their take, owners; returns who got what.
    function _creditValidators(
        Settlement memory s,
        uint256[] calldata ids,
        uint256[] calldata shares,
        uint256 pot
    ) private returns (bytes memory) {
        uint256[] memory dividends = _partsDown(s, ids.length, shares, pot);
        uint256[] memory takes;
        (takes, s.toPools) = IStakeManager(stakeManager).addRewards(ids, dividends);
        _earned.addAll(ids, takes);
        return CreditList.pack(ids, dividends, takes);
    }

    /// @dev What each of `count` neurons gets of a pot for its share, added to what will be minted.
    function _partsDown(
        Settlement memory s,
        uint256 count,
        uint256[] calldata shares,
        uint256 pot
    ) private pure returns (uint256[] memory parts) {
        if (count != shares.length) revert LengthMismatch(count, shares.length);
        parts = new uint256[](count);
        uint256 all = 0;
        uint256 total = 0;
        for (uint256 i = 0; i < count; ++i) {
            uint256 share = shares[i];
            if (share > Q32.ONE) revert SharesExceedOne(share);
            // No overflow: a share is at most 2^32, a pot of wei below 2^96, and no call carries 2^64 of them.
            unchecked {
                all += share;
                total += parts[i] = Q32.mulDown(share, pot);
            }
        }
        if (all > Q32.ONE) revert SharesExceedOne(all);
        s.total += total;
    }

    /// @dev Credits the treasury in proportion to what miners and validators got, and the caller out of that.
    function _creditTreasury(Settlement memory s, Split memory split, address caller) private {
        uint256 part = (s.total * split.treasuryBps) / (BPS - split.treasuryBps);
        uint256 bounty = Math.min(part, _maxBounty);
        s.total += part;
        if (part > bounty) _accounts[_treasury].credit(part - bounty);
        if (bounty > 0) {
            (uint256 neuronId, ) = IMetagraph(metagraph).neuronOf(caller);
            if (neuronId == 0) _accounts[caller].credit(bounty);
            else _earned.add(neuronId, bounty);
        }
        emit Minted(s.epoch, s.total, part - bounty, bounty, caller);
    }

    // Claims

    /// @inheritdoc IEmission
    function claim(uint256 neuronId) external returns (uint256 amount) {
        amount = _earned.totalOf(neuronId) - _claimed.totalOf(neuronId);
        if (amount == 0) revert NothingToClaim(neuronId);
        _claimed.add(neuronId, amount);
        address to = IMetagraph(metagraph).coldkeyOf(neuronId);
        emit Claimed(neuronId, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IEmission
    function claimAccount(address account) external returns (uint256 amount) {
        amount = _accounts[account].settle();
        if (amount == 0) revert NothingToClaimFor(account);
        emit AccountClaimed(account, amount);
        token.safeTransfer(account, amount);
    }

    // Views

    /// @inheritdoc IEmission
    function parameters() external view returns (Parameters memory) {
        Split memory s = _latest;
        return Parameters(_baseRate, s.minerBps, s.validatorBps, s.treasuryBps, _treasury, _maxBounty);
    }

    /// @inheritdoc IEmission
    function rate() public view returns (uint256) {
        return Issuance.rateDown(_baseRate, token.issued(), _cap);
    }

    /// @inheritdoc IEmission
    function totalEarned(uint256 neuronId) external view returns (uint256) {
        return _earned.totalOf(neuronId);
    }

    /// @inheritdoc IEmission
    function earned(uint256 neuronId) external view returns (uint256 earnedTotal, uint256 claimedTotal) {
        return (_earned.totalOf(neuronId), _claimed.totalOf(neuronId));
    }

    /// @inheritdoc IEmission
    function accountEarned(address account) external view returns (uint256 earnedTotal, uint256 claimedTotal) {
        return (_accounts[account].total, _accounts[account].claimed);
    }
}
