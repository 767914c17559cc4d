// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEmission} from "./interfaces/IEmission.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {Earned} from "./libraries/Earned.sol";
import {Issuance} from "./libraries/Issuance.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {Linked} from "./Linked.sol";

/// @title Emission
contract Emission is IEmission, Linked {
    using SafeERC20 for IWeftToken;

    /// @dev A settlement under way; amounts in wei. `total` is what will be minted.
    struct Settlement {
        uint256 epoch;
        uint256 pot;
        uint256 total;
        uint256 toPools;
        uint256[] poolAmounts;
    }

    uint256 private constant BPS = 10_000;
    uint256 private constant ONE_Q32 = 1 << 32;
    uint256 private constant MAX_EPOCHS_COUNTED = 2;

    /// @inheritdoc IEmission
    IWeftToken public immutable token;

    /// @inheritdoc IEmission
    RoundClock public immutable clock;

    uint256 private immutable _cap;
    uint256 private immutable _baseRate;
    uint256 private immutable _minerBps;
    uint256 private immutable _validatorBps;
    uint256 private immutable _treasuryBps;
    address private immutable _treasury;
    uint256 private immutable _maxBounty;

    /// @inheritdoc IEmission
    address public metagraph;

    /// @inheritdoc IEmission
    address public stakeManager;

    /// @inheritdoc IEmission
    address public epochEngine;

    /// @inheritdoc IEmission
    uint256 public lastBoundary;

    mapping(uint256 neuronId => Earned) private _earned;
    mapping(address account => Earned) private _accounts;

    /// @param token_ The token minted.
    /// @param clock_ The run's clock.
    /// @param p Schedule and split; see `Parameters` for the bounds.
    constructor(IWeftToken token_, RoundClock clock_, Parameters memory p) {
        token = token_;
        clock = clock_.validate();
        _cap = token_.MAX_SUPPLY();
        // With two epochs of the base rate at most half the cap, a pot never exceeds what is left: after k halvings
        // more than cap / 2^(k+1) is left, and a pot is at most (cap / 2) / 2^k.
        uint256 maxRate = _cap / (2 * MAX_EPOCHS_COUNTED * clock.epochSeconds());
        _baseRate = Bounds.check("baseRate", p.baseRate, 1, maxRate);
        bool whole =
            p.minerBps <= BPS &&
                p.validatorBps <= BPS &&
                p.treasuryBps <= BPS &&
                p.minerBps + p.validatorBps + p.treasuryBps == BPS;
        if (!whole || p.minerBps == 0 || p.validatorBps == 0) {
            revert InvalidSplit(p.minerBps, p.validatorBps, p.treasuryBps);
        }
        (_minerBps, _validatorBps, _treasuryBps) = (p.minerBps, p.validatorBps, p.treasuryBps);
        if (p.treasury == address(0)) revert InvalidTreasury(p.treasury);
        _treasury = p.treasury;
        _maxBounty = Bounds.check("maxBounty", p.maxBounty, 0, _cap);
    }

    /// @inheritdoc IEmission
    function link(address metagraph_, address stakeManager_, address epochEngine_) external {
        _linkOnce();
        metagraph = _contractAt(metagraph_);
        stakeManager = _contractAt(stakeManager_);
        epochEngine = _contractAt(epochEngine_);
        emit EmissionLinked(metagraph_, stakeManager_, epochEngine_);
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
        lastBoundary = clock.epochStart(epoch + 1);
        _creditMiners(s, minerNeuronIds, incentivesQ32);
        _creditValidators(s, validatorNeuronIds, dividendsQ32);
        _creditTreasury(s, caller);

        if (s.total > 0) token.mint(address(this), s.total);
        if (s.toPools > 0) {
            token.safeTransfer(stakeManager, s.toPools);
            IStakeManager(stakeManager).addRewards(validatorNeuronIds, s.poolAmounts);
        }
    }

    /// @dev Seconds between the last boundary and the end of `epoch`, at most two epochs, none before the first permit.
    function _countedSeconds(uint256 epoch) private view returns (uint256) {
        uint256 boundary = clock.epochStart(epoch + 1);
        if (boundary <= lastBoundary) revert BoundaryNotLater(boundary, lastBoundary);
        uint256 first = IMetagraph(metagraph).firstPermitEpoch();
        if (first > epoch) return 0;
        uint256 from = Math.max(lastBoundary, clock.epochStart(first));
        return Math.min(boundary - from, MAX_EPOCHS_COUNTED * clock.epochSeconds());
    }

    function _creditMiners(Settlement memory s, uint256[] calldata ids, uint256[] calldata shares) private {
        _checkShares(ids, shares);
        uint256 pot = (s.pot * _minerBps) / BPS;
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 incentive = _partDown(shares[i], pot);
            if (incentive == 0) continue;
            s.total += incentive;
            _earned[ids[i]].credit(incentive);
            emit Credited(s.epoch, ids[i], incentive, 0, 0);
        }
    }

    /// @dev Credits owners with their take and notes what each pool gets.
    function _creditValidators(Settlement memory s, uint256[] calldata ids, uint256[] calldata shares) private {
        _checkShares(ids, shares);
        uint256 pot = (s.pot * _validatorBps) / BPS;
        uint256 takeBps = IStakeManager(stakeManager).takeBps();
        s.poolAmounts = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 dividend = _partDown(shares[i], pot);
            if (dividend == 0) continue;
            // All stakers may have left since the stake was counted; then the owner gets what nobody else could.
            bool empty = IStakeManager(stakeManager).totalShares(ids[i]) == 0;
            uint256 take = empty ? dividend : (dividend * takeBps) / BPS;
            s.total += dividend;
            s.poolAmounts[i] = dividend - take;
            s.toPools += dividend - take;
            if (take > 0) _earned[ids[i]].credit(take);
            emit Credited(s.epoch, ids[i], 0, dividend, take);
        }
    }

    /// @dev Credits the treasury in proportion to what miners and validators got, and the caller out of that.
    function _creditTreasury(Settlement memory s, address caller) private {
        uint256 part = (s.total * _treasuryBps) / (_minerBps + _validatorBps);
        uint256 bounty = Math.min(part, _maxBounty);
        s.total += part;
        if (part > bounty) _accounts[_treasury].credit(part - bounty);
        if (bounty > 0) {
            (uint256 neuronId, ) = IMetagraph(metagraph).neuronOf(caller);
            (neuronId == 0 ? _accounts[caller] : _earned[neuronId]).credit(bounty);
        }
        emit Minted(s.epoch, s.total, part - bounty, bounty, caller);
    }

    function _checkShares(uint256[] calldata ids, uint256[] calldata shares) private pure {
        if (ids.length != shares.length) revert LengthMismatch(ids.length, shares.length);
        uint256 sum;
        for (uint256 i = 0; i < shares.length; i++) {
            sum += shares[i];
        }
        if (sum > ONE_Q32) revert SharesExceedOne(sum);
    }

    function _partDown(uint256 shareQ32, uint256 pot) private pure returns (uint256) {
        return (shareQ32 * pot) / ONE_Q32;
    }

    // Claims

    /// @inheritdoc IEmission
    function claim(uint256 neuronId) external returns (uint256 amount) {
        amount = _earned[neuronId].settle();
        if (amount == 0) revert NothingToClaim(neuronId);
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
        return Parameters(_baseRate, _minerBps, _validatorBps, _treasuryBps, _treasury, _maxBounty);
    }

    /// @inheritdoc IEmission
    function rate() public view returns (uint256) {
        return Issuance.rateDown(_baseRate, token.issued(), _cap);
    }

    /// @inheritdoc IEmission
    function earned(uint256 neuronId) external view returns (uint256 earnedTotal, uint256 claimedTotal) {
        return (_earned[neuronId].total, _earned[neuronId].claimed);
    }

    /// @inheritdoc IEmission
    function accountEarned(address account) external view returns (uint256 earnedTotal, uint256 claimedTotal) {
        return (_accounts[account].total, _accounts[account].claimed);
    }
}
