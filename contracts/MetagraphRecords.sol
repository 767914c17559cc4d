// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Bounds} from "./libraries/Bounds.sol";
import {BurnPrice} from "./libraries/BurnPrice.sol";
import {IncentiveLanes} from "./libraries/IncentiveLanes.sol";
import {PermitRing} from "./libraries/PermitRing.sol";
import {RoundClock} from "./libraries/RoundClock.sol";
import {UidSlots} from "./libraries/UidSlots.sol";

/// @title MetagraphRecords: what a `Metagraph` keeps, and how it is read
abstract contract MetagraphRecords is IMetagraph {
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

    /// @dev `replacedIn`: epoch + 1 in which it lost its uid, 0 while it holds it.
    struct Neuron {
        address coldkey;
        uint32 registeredEpoch;
        uint32 replacedIn;
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

    /// @dev `Parameters` but for `maxUids` and `initialBurn`, in three words.
    struct Settings {
        uint16 maxValidators;
        uint16 immunityEpochs;
        uint16 minNonImmune;
        uint16 maxRegistrationsPerEpoch;
        uint32 burnHalfLife;
        uint96 minValidatorStake;
        uint96 minBurn;
        uint96 maxBurn;
        uint96 collateral;
    }

    /// @inheritdoc IMetagraph
    IWeftToken public immutable token;

    /// @inheritdoc IMetagraph
    RoundClock public immutable clock;

    uint256 internal immutable _maxUids;
    /// @dev What a settlement was checked to take when the epoch engine was deployed.
    uint256 private immutable _mostValidators;
    uint256 private immutable _initialBurn;
    uint256 private immutable _cap;

    Settings internal _settings;
    Registrations internal _registrations;
    PermitRing internal _permits;
    uint256 internal _registeredInEpoch;
    uint256 internal _registeredSinceSettlement;
    uint256[64] internal _slots;
    uint256[18] internal _incentives;
    mapping(address hotkey => Operator) internal _operators;
    mapping(uint256 neuronId => Neuron) internal _neurons;
    mapping(uint256 neuronId => address coldkey) internal _offeredTo;

    /// @dev Bounds of `p`: see `Parameters`.
    constructor(IWeftToken token_, RoundClock clock_, Parameters memory p) {
        token = token_;
        clock = clock_.validate();
        _cap = token_.MAX_SUPPLY(); // below 2^96, so that every price fits its field
        _maxUids = Bounds.check("maxUids", p.maxUids, 1, 256);
        _mostValidators = Bounds.check("maxValidators", p.maxValidators, 1, p.maxUids);
        _set(p, p.maxUids, _cap, p.maxValidators);
        _initialBurn = Bounds.check("initialBurn", p.initialBurn, p.minBurn, p.maxBurn);
        (_registrations.price, _registrations.pricedAt) = (p.initialBurn.toUint96(), block.timestamp.toUint40());
    }

    /// @dev Sets what can be changed of `p`. The casts are safe: each value is bounded first, the cap below 2^96.
    function _set(Parameters memory p, uint256 maxUids, uint256 cap, uint256 mostValidators) private {
        Bounds.check("maxValidators", p.maxValidators, 1, mostValidators);
        Bounds.check("minValidatorStake", p.minValidatorStake, 1, cap);
        Bounds.check("immunityEpochs", p.immunityEpochs, 3, type(uint16).max);
        Bounds.check("minNonImmune", p.minNonImmune, 0, maxUids - 1);
        Bounds.check("maxBurn", p.maxBurn, 1, cap);
        Bounds.check("minBurn", p.minBurn, 1, p.maxBurn);
        Bounds.check("burnHalfLife", p.burnHalfLife, 1, type(uint32).max);
        Bounds.check("maxRegistrationsPerEpoch", p.maxRegistrationsPerEpoch, 1, 256);
        Bounds.check("collateral", p.collateral, 0, cap);
        _settings = Settings({
            maxValidators: uint16(p.maxValidators),
            immunityEpochs: uint16(p.immunityEpochs),
            minNonImmune: uint16(p.minNonImmune),
            maxRegistrationsPerEpoch: uint16(p.maxRegistrationsPerEpoch),
            burnHalfLife: uint32(p.burnHalfLife),
            minValidatorStake: uint96(p.minValidatorStake),
            minBurn: uint96(p.minBurn),
            maxBurn: uint96(p.maxBurn),
            collateral: uint96(p.collateral)
        });
        emit ParametersSet(p);
    }

    /// @dev Sets new parameters; the price moves to now under the old ones first.
    function _setParameters(Parameters memory p) internal {
        if (p.maxUids != _maxUids || p.initialBurn != _initialBurn) revert ParameterFixed(_maxUids, _initialBurn);
        uint256 price = burnPrice();
        _set(p, _maxUids, _cap, _mostValidators);
        price = Math.min(Math.max(price, p.minBurn), p.maxBurn);
        (_registrations.price, _registrations.pricedAt) = (price.toUint96(), block.timestamp.toUint40());
    }

    // Views

    /// @inheritdoc IMetagraph
    function parameters() external view returns (Parameters memory) {
        Settings memory s = _settings;
        return
            Parameters({
                maxUids: _maxUids,
                maxValidators: s.maxValidators,
                minValidatorStake: s.minValidatorStake,
                immunityEpochs: s.immunityEpochs,
                minNonImmune: s.minNonImmune,
                initialBurn: _initialBurn,
                minBurn: s.minBurn,
                maxBurn: s.maxBurn,
                burnHalfLife: s.burnHalfLife,
                maxRegistrationsPerEpoch: s.maxRegistrationsPerEpoch,
                collateral: s.collateral
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
        uint256 decayed = BurnPrice.decayedUp(r.price, block.timestamp - r.pricedAt, _settings.burnHalfLife);
        return Math.max(decayed, _settings.minBurn);
    }

    /// @inheritdoc IMetagraph
    function registrationsLeft() external view returns (uint256) {
        Registrations memory r = _registrations;
        uint256 used = r.epoch == currentEpoch() ? r.inEpoch : 0;
        uint256 maximum = _settings.maxRegistrationsPerEpoch;
        return maximum > used ? maximum - used : 0;
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
    function ownerOfHotkey(
        address hotkey
    ) external view returns (uint256 neuronId, address coldkey, uint256 registeredEpoch) {
        neuronId = _operators[hotkey].neuronId;
        if (neuronId == 0) revert NotRegistered(hotkey);
        Neuron storage n = _neurons[neuronId];
        return (neuronId, n.coldkey, n.registeredEpoch);
    }

    /// @inheritdoc IMetagraph
    function permittedUidsOf(address[] calldata hotkeys, uint256 epoch) external view returns (uint256[] memory uids) {
        uids = new uint256[](hotkeys.length);
        for (uint256 i = 0; i < uids.length; i++) (, uids[i]) = permittedNeuronOf(hotkeys[i], epoch);
    }

    /// @inheritdoc IMetagraph
    function permittedNeuronOf(address hotkey, uint256 epoch) public view returns (uint256 neuronId, uint256 uid) {
        Operator storage operator = _operators[hotkey];
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
        return (n.coldkey, n.hotkey, n.uid, n.registeredEpoch, n.replacedIn == 0);
    }

    /// @inheritdoc IMetagraph
    function coldkeyOf(uint256 neuronId) external view returns (address coldkey) {
        coldkey = _neurons[neuronId].coldkey;
        if (coldkey == address(0)) revert UnknownNeuron(neuronId);
    }

    /// @inheritdoc IMetagraph
    function replacedIn(uint256 neuronId) external view returns (bool replaced, uint256 epoch) {
        uint256 plusOne = _neurons[neuronId].replacedIn;
        return plusOne == 0 ? (false, 0) : (true, plusOne - 1);
    }

    /// @inheritdoc IMetagraph
    function coldkeyOffer(uint256 neuronId) external view returns (address) {
        return _offeredTo[neuronId];
    }

    /// @inheritdoc IMetagraph
    function hotkeysOf(uint256 word) external view returns (address[] memory hotkeys) {
        uint256[] memory ids = _slots.neuronIds(_registrations.uidCount);
        hotkeys = new address[](ids.length);
        for (uint256 uid = 0; uid < ids.length; uid++) {
            if ((word >> uid) & 1 == 1) hotkeys[uid] = _neurons[ids[uid]].hotkey;
        }
    }

    /// @inheritdoc IMetagraph
    function permittedNeurons(uint256 epoch) external view returns (uint256[] memory uids, uint256[] memory neuronIds) {
        return _slots.neuronsOf(_permits.wordAt(epoch));
    }

    /// @inheritdoc IMetagraph
    function isActive(uint256 neuronId) external view returns (bool) {
        Neuron memory n = _neurons[neuronId];
        return n.coldkey != address(0) && n.replacedIn == 0;
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

    /// @dev Bit uid: registered since the current epoch started.
    function _registeredThisEpoch() internal view returns (uint256) {
        return _registrations.epoch == currentEpoch() ? _registeredInEpoch : 0;
    }
}
