// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ICollateralVault} from "./interfaces/ICollateralVault.sol";
import {IFaultLedger} from "./interfaces/IFaultLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {BurnPrice} from "./libraries/BurnPrice.sol";
import {IncentiveLanes} from "./libraries/IncentiveLanes.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {UidSlots} from "./libraries/UidSlots.sol";
import {Gated} from "./Gated.sol";
import {Linked} from "./Linked.sol";
import {MetagraphRecords} from "./MetagraphRecords.sol";
import {SelfPermit} from "./SelfPermit.sol";

/// @title Metagraph
contract Metagraph is MetagraphRecords, EIP712, SelfPermit, Linked, Gated {
    using IncentiveLanes for uint256[18];
    using SafeCast for uint256;
    using SafeERC20 for IWeftToken;
    using UidSlots for uint256[64];

    bytes32 private constant REGISTER_TYPEHASH = keccak256("Register(address coldkey,address hotkey,uint256 deadline)");
    uint256 private constant NO_UID = type(uint256).max;
    uint32 private constant OPEN = type(uint32).max;

    /// @inheritdoc IMetagraph
    address public stakeManager;
    /// @inheritdoc IMetagraph
    address public epochEngine;
    /// @inheritdoc IMetagraph
    address public vault;
    /// @inheritdoc IMetagraph
    address public updateLedger;
    /// @inheritdoc IMetagraph
    address public weightLedger;

    /// @param authority Who says which accounts may pause `register`, set parameters and replace the epoch engine.
    constructor(
        IWeftToken token_,
        RoundClock clock_,
        Parameters memory p,
        address authority
    ) MetagraphRecords(token_, clock_, p) EIP712("Weft Metagraph", "1") AccessManaged(authority) {}

    /// @inheritdoc IMetagraph
    function link(
        address stakeManager_,
        address epochEngine_,
        address vault_,
        address updateLedger_,
        address weightLedger_
    ) external {
        _linkOnce();
        stakeManager = _contractAt(stakeManager_);
        epochEngine = _contractAt(epochEngine_);
        vault = _contractAt(vault_);
        updateLedger = _contractAt(updateLedger_);
        weightLedger = _contractAt(weightLedger_);
        emit MetagraphLinked(stakeManager_, epochEngine_, vault_, updateLedger_, weightLedger_);
    }

    // Governance

    /// @inheritdoc IMetagraph
    function setParameters(Parameters calldata p) external restricted {
        _setParameters(p);
    }

    /// @inheritdoc IMetagraph
    function setEpochEngine(address epochEngine_) external restricted {
        epochEngine = _contractAt(epochEngine_);
        emit EpochEngineSet(epochEngine_);
    }

    // Registration

    /// @inheritdoc IMetagraph
    function register(
        address hotkey,
        uint256 maxBurn,
        uint256 deadline,
        bytes calldata consent
    ) external whenOpen returns (uint256 neuronId, uint256 uid) {
        _requireFreeHotkey(hotkey, deadline, consent);
        uint256 price = burnPrice();
        if (price > maxBurn) revert BurnAboveMaximum(price, maxBurn);

        uint256 epoch = currentEpoch();
        uint256 replaced;
        (uid, replaced) = _takeUid(epoch);
        neuronId = _book(epoch, uid, price);
        _slots.put(uid, neuronId, epoch);
        // safe: put() bounds the epoch by 2^28, uid < maxUids ≤ 256, neuronId < 2^48 by its counter's type
        _neurons[neuronId] = Neuron(msg.sender, uint32(epoch), 0, uint8(uid), hotkey);
        _operators[hotkey] = Operator(uint64(neuronId), uint8(uid), uint32(epoch), 0, 0);
        emit Registered(neuronId, uid, hotkey, msg.sender, replaced, uint32(epoch), price);

        if (replaced != 0) IStakeManager(stakeManager).setOpen(replaced, false);
        IStakeManager(stakeManager).setOpen(neuronId, true);
        token.burnFrom(msg.sender, price);
        uint256 collateral = _settings.collateral;
        if (collateral == 0) return (neuronId, uid);
        ICollateralVault(vault).lock(neuronId, collateral);
        token.safeTransferFrom(msg.sender, vault, collateral);
    }

    function _requireFreeHotkey(address hotkey, uint256 deadline, bytes calldata consent) private view {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        if (_operators[hotkey].neuronId != 0) revert HotkeyTaken(hotkey, _operators[hotkey].neuronId);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(REGISTER_TYPEHASH, msg.sender, hotkey, deadline)));
        if (!SignatureChecker.isValidSignatureNow(hotkey, digest, consent)) {
            revert InvalidConsent(msg.sender, hotkey, deadline);
        }
    }

    /// @dev Returns a uid for a newcomer and the neuron it replaces (0: none), whose hotkey is free afterwards.
    function _takeUid(uint256 epoch) private returns (uint256 uid, uint256 replaced) {
        uid = _registrations.uidCount;
        if (uid < _maxUids) {
            _registrations.uidCount = uint16(uid + 1); // safe: at most maxUids ≤ 256
            return (uid, 0);
        }
        (uid, replaced) = _replaceable(epoch);
        delete _operators[_neurons[replaced].hotkey];
        _neurons[replaced].replacedIn = (epoch + 1).toUint32();
        _incentives.clear(uid);
    }

    /// @dev Books a registration in `epoch` at `price`: the price climbs, the masks mark the uid.
    function _book(uint256 epoch, uint256 uid, uint256 price) private returns (uint256 neuronId) {
        Registrations memory r = _registrations;
        bool first = r.epoch != epoch || r.inEpoch == 0;
        if (first) (r.epoch, r.inEpoch) = (epoch.toUint32(), 0);
        uint256 maximum = _settings.maxRegistrationsPerEpoch;
        if (r.inEpoch >= maximum) revert RegistrationsExhausted(epoch, maximum);
        r.inEpoch++;
        neuronId = ++r.neuronCount;
        r.price = Math.min(BurnPrice.raisedUp(price), _settings.maxBurn).toUint96();
        r.pricedAt = block.timestamp.toUint40();
        _registrations = r;
        _registeredInEpoch = (first ? 0 : _registeredInEpoch) | (1 << uid);
        _registeredSinceSettlement |= 1 << uid;
    }

    /// @dev The uid that makes room: not immune, without a permit that is or may yet be of use (that of the previous epoch
    /// is, until it is settled), with the lowest incentive, of those the earliest registered.
    function _replaceable(uint256 epoch) private view returns (uint256 uid, uint256 neuronId) {
        uint256 permitted =
            _permits.wordAt(epoch) | _permits.wordAt(epoch + 1) | (epoch == 0 ? 0 : _permits.wordAt(epoch - 1));
        (uint256 immunityEpochs, uint256 minNonImmune) = (_settings.immunityEpochs, _settings.minNonImmune);
        uint256 nonImmune;
        uint256 lowest = type(uint256).max;
        for (uint256 i = 0; i < _maxUids; i++) {
            (uint256 id, uint256 registeredEpoch) = _slots.holderOf(i);
            if (epoch < registeredEpoch + immunityEpochs) continue;
            nonImmune++;
            if ((permitted >> i) & 1 == 1) continue;
            uint256 incentive = _incentives.valueOf(i);
            if (incentive < lowest || (incentive == lowest && id < neuronId)) {
                (lowest, uid, neuronId) = (incentive, i, id);
            }
        }
        if (nonImmune <= minNonImmune || neuronId == 0) revert NoReplaceableUid(nonImmune, minNonImmune);
    }

    // Keys

    /// @inheritdoc IMetagraph
    function rotateHotkey(uint256 neuronId, address hotkey, uint256 deadline, bytes calldata consent) external {
        Neuron memory n = _requireColdkey(neuronId);
        if (n.replacedIn != 0) revert Replaced(neuronId);
        _requireFreeHotkey(hotkey, deadline, consent);
        _requireNoOpenCommit(updateLedger, n.hotkey);
        _requireNoOpenCommit(weightLedger, n.hotkey);

        _operators[hotkey] = _operators[n.hotkey];
        delete _operators[n.hotkey];
        _neurons[neuronId].hotkey = hotkey;
        emit HotkeyRotated(neuronId, n.uid, n.hotkey, hotkey);
    }

    function _requireNoOpenCommit(address ledger, address hotkey) private view {
        if (IFaultLedger(ledger).openCommitOf(hotkey)) revert OpenCommit(hotkey, ledger);
    }

    /// @inheritdoc IMetagraph
    function offerColdkey(uint256 neuronId, address coldkey) external {
        _requireColdkey(neuronId);
        _offeredTo[neuronId] = coldkey;
        emit ColdkeyOffered(neuronId, msg.sender, coldkey);
    }

    /// @inheritdoc IMetagraph
    function acceptColdkey(uint256 neuronId) external {
        if (msg.sender != _offeredTo[neuronId]) revert NotOffered(neuronId, msg.sender, _offeredTo[neuronId]);
        address from = _neurons[neuronId].coldkey;
        delete _offeredTo[neuronId];
        _neurons[neuronId].coldkey = msg.sender;
        emit ColdkeyTransferred(neuronId, from, msg.sender);

        IStakeManager(stakeManager).moveOwnStake(neuronId, from, msg.sender);
    }

    // Permits

    /// @inheritdoc IMetagraph
    function claimPermit(uint256 uid) external {
        uint256 neuronId = neuronAt(uid);
        if (neuronId == 0) revert UnknownUid(uid, _registrations.uidCount);
        Neuron memory claimant = _neurons[neuronId];
        if (msg.sender != claimant.hotkey && msg.sender != claimant.coldkey) revert NotOperator(neuronId, msg.sender);
        uint256 fromEpoch = block.timestamp < clock.genesis() ? 0 : currentEpoch() + 1;
        uint256 word = _permits.wordAt(fromEpoch);
        if ((word >> uid) & 1 == 1) revert AlreadyPermitted(uid, fromEpoch);
        uint256 stake = _stakeOf(neuronId);
        uint256 minimum = _settings.minValidatorStake;
        if (stake < minimum) revert StakeBelowMinimum(neuronId, stake, minimum);

        uint256 evicted = _seatToEvict(word, stake);
        if (evicted != NO_UID) {
            word ^= 1 << evicted;
            _operatorOf(neuronAt(evicted)).permitUntil = fromEpoch.toUint32();
        }
        word |= 1 << uid;
        _permits.set(fromEpoch, word);
        _grant(_operators[claimant.hotkey], fromEpoch.toUint32());
        emit PermitClaimed(uid, neuronId, fromEpoch.toUint32(), word, evicted);
    }

    /// @dev Opens the operator's permit; one that would have ended at `fromEpoch` just goes on.
    function _grant(Operator storage operator, uint32 fromEpoch) private {
        bool goesOn = operator.permitUntil == fromEpoch && operator.permitFrom < fromEpoch;
        if (!goesOn) operator.permitFrom = fromEpoch;
        operator.permitUntil = OPEN;
    }

    /// @dev The uid that loses its permit to a claimant with `stake`: `NO_UID` while there is room.
    function _seatToEvict(uint256 word, uint256 stake) private view returns (uint256 evicted) {
        uint256 lowest = type(uint256).max;
        uint256 holders;
        uint256 evictedId;
        evicted = NO_UID;
        for (uint256 uid = 0; word >> uid != 0; uid++) {
            if ((word >> uid) & 1 == 0) continue;
            holders++;
            uint256 id = neuronAt(uid);
            uint256 held = _stakeOf(id);
            if (held < lowest || (held == lowest && id > evictedId)) (lowest, evicted, evictedId) = (held, uid, id);
        }
        if (holders < _settings.maxValidators) return NO_UID;
        if (lowest >= stake) revert PermitsFull(stake, lowest);
    }

    // Settlement

    /// @inheritdoc IMetagraph
    function recordSettlement(uint256 epoch, bytes calldata incentivesU16) external {
        if (msg.sender != epochEngine) revert NotEpochEngine(msg.sender, epochEngine);
        uint256 expected = 2 * uint256(_registrations.uidCount);
        if (currentEpoch() != epoch + 1) revert WrongSettlementEpoch(epoch, currentEpoch());
        if (incentivesU16.length != expected) revert IncentivesLength(incentivesU16.length, expected);
        _incentives.write(incentivesU16);
        _registeredSinceSettlement = _registeredThisEpoch();
    }

    // Internal

    function _requireColdkey(uint256 neuronId) private view returns (Neuron memory n) {
        n = _neurons[neuronId];
        if (n.coldkey == address(0)) revert UnknownNeuron(neuronId);
        if (msg.sender != n.coldkey) revert NotColdkey(neuronId, msg.sender, n.coldkey);
    }

    function _operatorOf(uint256 neuronId) private view returns (Operator storage) {
        return _operators[_neurons[neuronId].hotkey];
    }

    function _stakeOf(uint256 neuronId) private view returns (uint256) {
        return IStakeManager(stakeManager).poolAssets(neuronId);
    }

    function _permitToken() internal view override returns (address) {
        return address(token);
    }
}
