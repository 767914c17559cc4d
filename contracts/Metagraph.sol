// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {BurnPrice} from "./libraries/BurnPrice.sol";
import {IncentiveLanes} from "./libraries/IncentiveLanes.sol";
import {PermitRing} from "./libraries/PermitRing.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {UidSlots} from "./libraries/UidSlots.sol";
import {Linked} from "./Linked.sol";
import {SelfPermit} from "./SelfPermit.sol";

/// @title Metagraph
contract Metagraph is IMetagraph, EIP712, SelfPermit, Linked {
    using IncentiveLanes for uint256[18];
    using SafeCast for uint256;
    using UidSlots for uint256[64];

    /// @dev What a hotkey may do, in one word: the neuron it serves and the epochs [permitFrom, permitUntil) of its
    /// latest permit. The permit ring holds the same and what came before.
    struct Operator {
        uint64 neuronId;
        uint8 uid;
        uint32 registeredEpoch;
        uint32 permitFrom;
        uint32 permitUntil;
    }

    struct Neuron {
        address coldkey;
        uint32 registeredEpoch;
        uint8 uid;
        address hotkey;
    }

    /// @dev `price` wei stood at `pricedAt`; `inEpoch` registrations happened in `epoch`. One word.
    struct Registrations {
        uint96 price;
        uint40 pricedAt;
        uint32 epoch;
        uint16 inEpoch;
        uint16 uidCount;
        uint48 neuronCount;
    }

    bytes32 private constant REGISTER_TYPEHASH = keccak256("Register(address coldkey,address hotkey,uint256 deadline)");
    uint256 private constant NO_UID = type(uint256).max;
    uint32 private constant OPEN = type(uint32).max;

    /// @inheritdoc IMetagraph
    IWeftToken public immutable token;

    /// @inheritdoc IMetagraph
    RoundClock public immutable clock;

    uint256 private immutable _maxUids;
    uint256 private immutable _maxValidators;
    uint256 private immutable _minValidatorStake;
    uint256 private immutable _immunityEpochs;
    uint256 private immutable _minNonImmune;
    uint256 private immutable _initialBurn;
    uint256 private immutable _minBurn;
    uint256 private immutable _maxBurn;
    uint256 private immutable _burnHalfLife;
    uint256 private immutable _maxRegistrationsPerEpoch;

    /// @inheritdoc IMetagraph
    address public stakeManager;
    /// @inheritdoc IMetagraph
    address public epochEngine;

    Registrations private _registrations;
    PermitRing private _permits;
    uint256 private _registeredInEpoch;
    uint256 private _registeredSinceSettlement;
    uint256[64] private _slots;
    uint256[18] private _incentives;
    mapping(address hotkey => Operator) private _operators;
    mapping(uint256 neuronId => Neuron) private _neurons;

    /// @dev Bounds of `p`: see `Parameters`.
    constructor(IWeftToken token_, RoundClock clock_, Parameters memory p) EIP712("Weft Metagraph", "1") {
        token = token_;
        clock = clock_.validate();
        uint256 cap = token_.MAX_SUPPLY(); // below 2^96, so that every price fits its field
        _maxUids = Bounds.check("maxUids", p.maxUids, 1, 256);
        _maxValidators = Bounds.check("maxValidators", p.maxValidators, 1, p.maxUids);
        _minValidatorStake = Bounds.check("minValidatorStake", p.minValidatorStake, 1, cap);
        _immunityEpochs = Bounds.check("immunityEpochs", p.immunityEpochs, 3, type(uint16).max);
        _minNonImmune = Bounds.check("minNonImmune", p.minNonImmune, 0, p.maxUids - 1);
        _maxBurn = Bounds.check("maxBurn", p.maxBurn, 1, cap);
        _minBurn = Bounds.check("minBurn", p.minBurn, 1, p.maxBurn);
        _initialBurn = Bounds.check("initialBurn", p.initialBurn, p.minBurn, p.maxBurn);
        _burnHalfLife = Bounds.check("burnHalfLife", p.burnHalfLife, 1, type(uint32).max);
        _maxRegistrationsPerEpoch = Bounds.check("maxRegistrationsPerEpoch", p.maxRegistrationsPerEpoch, 1, 256);
        (_registrations.price, _registrations.pricedAt) = (p.initialBurn.toUint96(), block.timestamp.toUint40());
    }

    /// @inheritdoc IMetagraph
    function link(address stakeManager_, address epochEngine_) external {
        _linkOnce();
        stakeManager = _contractAt(stakeManager_);
        epochEngine = _contractAt(epochEngine_);
        emit MetagraphLinked(stakeManager_, epochEngine_);
    }

    // Registration

    /// @inheritdoc IMetagraph
    function register(
        address hotkey,
        uint256 maxBurn,
        uint256 deadline,
        bytes calldata consent
    ) external returns (uint256 neuronId, uint256 uid) {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        if (_operators[hotkey].neuronId != 0) revert HotkeyTaken(hotkey, _operators[hotkey].neuronId);
        _checkConsent(hotkey, deadline, consent);
        uint256 price = burnPrice();
        if (price > maxBurn) revert BurnAboveMaximum(price, maxBurn);

        uint256 epoch = currentEpoch();
        uint256 replaced;
        (uid, replaced) = _takeUid(epoch);
        neuronId = _book(epoch, uid, price);
        _slots.put(uid, neuronId, epoch);
        // safe: put() bounds the epoch by 2^28, uid < maxUids ≤ 256, neuronId < 2^48 by its counter's type
        _neurons[neuronId] = Neuron(msg.sender, uint32(epoch), uint8(uid), hotkey);
        _operators[hotkey] = Operator(uint64(neuronId), uint8(uid), uint32(epoch), 0, 0);
        emit Registered(neuronId, uid, hotkey, msg.sender, replaced, uint32(epoch), price);

        token.burnFrom(msg.sender, price);
    }

    function _checkConsent(address hotkey, uint256 deadline, bytes calldata consent) private view {
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
        _incentives.clear(uid);
    }

    /// @dev Books a registration in `epoch` at `price`: the price climbs, the masks mark the uid.
    function _book(uint256 epoch, uint256 uid, uint256 price) private returns (uint256 neuronId) {
        Registrations memory r = _registrations;
        bool first = r.epoch != epoch || r.inEpoch == 0;
        if (first) (r.epoch, r.inEpoch) = (epoch.toUint32(), 0);
        if (r.inEpoch == _maxRegistrationsPerEpoch) revert RegistrationsExhausted(epoch, _maxRegistrationsPerEpoch);
        r.inEpoch++;
        neuronId = ++r.neuronCount;
        r.price = Math.min(BurnPrice.raisedUp(price), _maxBurn).toUint96();
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
        uint256 nonImmune;
        uint256 lowest = type(uint256).max;
        for (uint256 i = 0; i < _maxUids; i++) {
            (uint256 id, uint256 registeredEpoch) = _slots.holderOf(i);
            if (epoch < registeredEpoch + _immunityEpochs) continue;
            nonImmune++;
            if ((permitted >> i) & 1 == 1) continue;
            uint256 incentive = _incentives.valueOf(i);
            if (incentive < lowest || (incentive == lowest && id < neuronId)) {
                (lowest, uid, neuronId) = (incentive, i, id);
            }
        }
        if (nonImmune <= _minNonImmune || neuronId == 0) revert NoReplaceableUid(nonImmune, _minNonImmune);
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
        if (stake < _minValidatorStake) revert StakeBelowMinimum(neuronId, stake, _minValidatorStake);

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
        if (holders < _maxValidators) return NO_UID;
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

    /// @inheritdoc IMetagraph
    function settlementView()
        external
        view
        returns (
            uint256 count,
            uint256 registeredThisEpoch,
            uint256 registeredSinceSettlement,
            uint256[] memory neuronIds
        )
    {
        count = _registrations.uidCount;
        return (count, _registeredThisEpoch(), _registeredSinceSettlement, _slots.neuronIds(count));
    }

    // Views

    /// @inheritdoc IMetagraph
    function parameters() external view returns (Parameters memory) {
        return
            Parameters({
                maxUids: _maxUids,
                maxValidators: _maxValidators,
                minValidatorStake: _minValidatorStake,
                immunityEpochs: _immunityEpochs,
                minNonImmune: _minNonImmune,
                initialBurn: _initialBurn,
                minBurn: _minBurn,
                maxBurn: _maxBurn,
                burnHalfLife: _burnHalfLife,
                maxRegistrationsPerEpoch: _maxRegistrationsPerEpoch
            });
    }

    /// @inheritdoc IMetagraph
    function currentEpoch() public view returns (uint256) {
        return clock.epochAt(block.timestamp);
    }

    /// @inheritdoc IMetagraph
    function uidCount() external view returns (uint256) {
        return _registrations.uidCount;
    }

    /// @inheritdoc IMetagraph
    function neuronCount() external view returns (uint256) {
        return _registrations.neuronCount;
    }

    /// @inheritdoc IMetagraph
    function burnPrice() public view returns (uint256) {
        Registrations memory r = _registrations;
        return Math.max(BurnPrice.decayedUp(r.price, block.timestamp - r.pricedAt, _burnHalfLife), _minBurn);
    }

    /// @inheritdoc IMetagraph
    function registrationsLeft() external view returns (uint256) {
        Registrations memory r = _registrations;
        return _maxRegistrationsPerEpoch - (r.epoch == currentEpoch() ? r.inEpoch : 0);
    }

    /// @inheritdoc IMetagraph
    function neuronOf(address hotkey) external view returns (uint256 neuronId, uint256 uid) {
        Operator memory operator = _operators[hotkey];
        return (operator.neuronId, operator.uid);
    }

    /// @inheritdoc IMetagraph
    function neuronOfHotkey(address hotkey) external view returns (uint256 neuronId, uint256 uid) {
        Operator memory operator = _operators[hotkey];
        if (operator.neuronId == 0) revert NotRegistered(hotkey);
        return (operator.neuronId, operator.uid);
    }

    /// @inheritdoc IMetagraph
    function permittedNeuronOf(address hotkey, uint256 epoch) external view returns (uint256 neuronId, uint256 uid) {
        Operator memory operator = _operators[hotkey];
        (neuronId, uid) = (operator.neuronId, operator.uid);
        if (neuronId == 0) revert NotRegistered(hotkey);
        if (operator.permitFrom <= epoch && epoch < operator.permitUntil) return (neuronId, uid);
        // An earlier permit than the latest one. Before its registration the uid's permits were somebody else's.
        bool permitted = epoch >= operator.registeredEpoch && (_permits.wordAt(epoch) >> uid) & 1 == 1;
        if (!permitted) revert NotPermitted(uid, epoch);
    }

    /// @inheritdoc IMetagraph
    function neuronAt(uint256 uid) public view returns (uint256 neuronId) {
        if (uid < _maxUids) (neuronId, ) = _slots.holderOf(uid);
    }

    /// @inheritdoc IMetagraph
    function neuron(
        uint256 neuronId
    ) external view returns (address coldkey, address hotkey, uint256 uid, uint256 registeredEpoch, bool active) {
        Neuron memory n = _neurons[neuronId];
        if (n.coldkey == address(0)) revert UnknownNeuron(neuronId);
        return (n.coldkey, n.hotkey, n.uid, n.registeredEpoch, neuronAt(n.uid) == neuronId);
    }

    /// @inheritdoc IMetagraph
    function coldkeyOf(uint256 neuronId) external view returns (address coldkey) {
        coldkey = _neurons[neuronId].coldkey;
        if (coldkey == address(0)) revert UnknownNeuron(neuronId);
    }

    /// @inheritdoc IMetagraph
    function isActive(uint256 neuronId) external view returns (bool) {
        return neuronId != 0 && neuronAt(_neurons[neuronId].uid) == neuronId;
    }

    /// @inheritdoc IMetagraph
    function incentiveOf(uint256 uid) external view returns (uint256) {
        return uid < _maxUids ? _incentives.valueOf(uid) : 0;
    }

    /// @inheritdoc IMetagraph
    function permitsAt(uint256 epoch) external view returns (uint256 word) {
        return _permits.wordAt(epoch);
    }

    /// @inheritdoc IMetagraph
    function firstPermitEpoch() external view returns (uint256) {
        return _permits.firstEpoch();
    }

    // Internal

    /// @dev Bit uid: registered since the current epoch started.
    function _registeredThisEpoch() private view returns (uint256) {
        return _registrations.epoch == currentEpoch() ? _registeredInEpoch : 0;
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
