// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";
import {IWeftToken} from "./IWeftToken.sol";

/// @title Metagraph: who takes part, and who may validate
/// @notice A neuron has a `neuronId`, from 1 on, never reused, and holds a slot, its `uid`, that may pass to another
/// neuron. The coldkey owns stake and rewards; the hotkey signs a worker's transactions. Epochs are those of `clock`
/// (0 before genesis). Amounts are wei.
interface IMetagraph {
    /// @notice Bounds in brackets. All but `maxUids` and `initialBurn` can be changed.
    struct Parameters {
        /// @dev Slots [1, 256].
        uint256 maxUids;
        /// @dev Permits in one epoch [1, maxUids; later: what it was at deployment].
        uint256 maxValidators;
        /// @dev Wei that a pool must hold for its neuron to claim a permit [1, cap].
        uint256 minValidatorStake;
        /// @dev Epochs during which a newcomer cannot be replaced [3, 2^16).
        uint256 immunityEpochs;
        /// @dev A replacement leaves at least this many non-immune uids [0, maxUids − 1].
        uint256 minNonImmune;
        /// @dev Price of the first registration [minBurn, maxBurn].
        uint256 initialBurn;
        /// @dev The price decays no further [1, maxBurn].
        uint256 minBurn;
        /// @dev The price climbs no further [1, cap].
        uint256 maxBurn;
        /// @dev Seconds in which the price halves [1, 2^32).
        uint256 burnHalfLife;
        /// @dev Registrations in one epoch [1, 256].
        uint256 maxRegistrationsPerEpoch;
        /// @dev Wei that a newcomer locks beside what it burns, unlocked as it earns [0, cap].
        uint256 collateral;
    }

    /// @notice The call came after its deadline.
    error DeadlinePassed(uint256 deadline, uint256 time);

    /// @notice The hotkey already serves a neuron.
    error HotkeyTaken(address hotkey, uint256 neuronId);

    /// @notice `consent` is not the hotkey's signature of `Register(coldkey, hotkey, deadline)`.
    error InvalidConsent(address coldkey, address hotkey, uint256 deadline);

    /// @notice Registering costs more than the caller wants to burn.
    error BurnAboveMaximum(uint256 price, uint256 maxBurn);

    /// @notice This epoch's registrations are used up.
    error RegistrationsExhausted(uint256 epoch, uint256 maximum);

    /// @notice All uids are held and none may be replaced now: fewer than `minNonImmune` non-immune ones would be left,
    /// or all non-immune ones hold a permit.
    error NoReplaceableUid(uint256 nonImmune, uint256 minNonImmune);

    /// @notice The hotkey serves no neuron.
    error NotRegistered(address hotkey);

    /// @notice The uid holds no permit for `epoch`.
    error NotPermitted(uint256 uid, uint256 epoch);

    /// @notice Nobody holds this uid.
    error UnknownUid(uint256 uid, uint256 uidCount);

    /// @notice There was never such a neuron.
    error UnknownNeuron(uint256 neuronId);

    /// @notice The caller is neither hotkey nor coldkey of the neuron.
    error NotOperator(uint256 neuronId, address caller);

    /// @notice The uid already holds a permit from `fromEpoch` on or earlier.
    error AlreadyPermitted(uint256 uid, uint256 fromEpoch);

    /// @notice The neuron's pool holds less than a validator needs.
    error StakeBelowMinimum(uint256 neuronId, uint256 stake, uint256 minimum);

    /// @notice All permits are held by pools of at least `lowestStake` wei, which is not less than `stake`.
    error PermitsFull(uint256 stake, uint256 lowestStake);

    /// @notice Only `epochEngine` may record a settlement.
    error NotEpochEngine(address caller, address epochEngine);

    /// @notice A settlement of `epoch` belongs into the next epoch, not into `currentEpoch`.
    error WrongSettlementEpoch(uint256 epoch, uint256 currentEpoch);

    /// @notice The row of incentives is not two bytes per held uid.
    error IncentivesLength(uint256 length, uint256 expected);

    /// @notice The caller does not own the neuron.
    error NotColdkey(uint256 neuronId, address caller, address coldkey);

    /// @notice The neuron lost its uid.
    error Replaced(uint256 neuronId);

    /// @notice The hotkey committed to something that `ledger` still expects it to answer for.
    error OpenCommit(address hotkey, address ledger);

    /// @notice The neuron was offered to `offered` (zero: to nobody), not to the caller.
    error NotOffered(uint256 neuronId, address caller, address offered);

    /// @notice These two never change.
    error ParameterFixed(uint256 maxUids, uint256 initialBurn);

    /// @notice The wiring was set.
    event MetagraphLinked(
        address stakeManager,
        address epochEngine,
        address vault,
        address updateLedger,
        address weightLedger
    );

    /// @notice The parameters from now on.
    event ParametersSet(Parameters parameters);

    /// @notice Settlements come from `epochEngine` from now on.
    event EpochEngineSet(address epochEngine);

    /// @notice The neuron on `uid` is served by `to` from now on.
    event HotkeyRotated(uint256 indexed neuronId, uint256 indexed uid, address indexed from, address to);

    /// @notice The neuron's owner offered it to `to` (zero: withdrew its offer).
    event ColdkeyOffered(uint256 indexed neuronId, address indexed from, address indexed to);

    /// @notice The neuron, its rewards and its owner's shares of its pool belong to `to` from now on.
    event ColdkeyTransferred(uint256 indexed neuronId, address indexed from, address indexed to);

    /// @notice `coldkey` burned `burned` wei and registered `hotkey` on `uid`, in place of `replacedNeuronId` (0: none).
    event Registered(
        uint256 indexed neuronId,
        uint256 indexed uid,
        address indexed hotkey,
        address coldkey,
        uint256 replacedNeuronId,
        uint32 epoch,
        uint256 burned
    );

    /// @notice The permits from `fromEpoch` on are `word` (bit uid). `evictedUid` lost its own (max uint256: nobody did).
    event PermitClaimed(
        uint256 indexed uid,
        uint256 indexed neuronId,
        uint32 fromEpoch,
        uint256 word,
        uint256 evictedUid
    );

    /// @notice Sets the wiring, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(
        address stakeManager_,
        address epochEngine_,
        address vault_,
        address updateLedger_,
        address weightLedger_
    ) external;

    /// @notice Changes the parameters. The burn price moves on from what it is now, within the new floor and ceiling. There
    /// are never more validators than at deployment, when the epoch engine was checked to settle as many.
    /// Only the authority's role (`AccessManagedUnauthorized`). Errors: `Bounds.ParameterOutOfBounds`, `ParameterFixed`.
    function setParameters(Parameters calldata p) external;

    /// @notice Lets another contract record settlements. Only the authority's role. Errors: `NotAContract`.
    function setEpochEngine(address epochEngine_) external;

    /// @notice Registers `hotkey` for the caller, its coldkey, and burns the current price of the caller's tokens,
    /// against its allowance, and locks `collateral` wei of them. The uid is the lowest free one, else that of the non-immune neuron with the lowest settled
    /// incentive (ties: registered earlier) without a permit in the previous, the current or the next epoch.
    /// @param hotkey Signs the worker's transactions; must serve no neuron.
    /// @param maxBurn Most wei the caller burns.
    /// @param deadline Unix seconds after which neither call nor consent counts.
    /// @param consent The hotkey's EIP-712 signature (or ERC-1271) of `Register(address coldkey,address hotkey,uint256
    /// deadline)`, domain name "Weft Metagraph", version "1".
    /// Errors: `GateLib.Paused`, `DeadlinePassed`, `HotkeyTaken`, `InvalidConsent`, `BurnAboveMaximum`, `RegistrationsExhausted`,
    /// `NoReplaceableUid`, and the token's.
    function register(
        address hotkey,
        uint256 maxBurn,
        uint256 deadline,
        bytes calldata consent
    ) external returns (uint256 neuronId, uint256 uid);

    /// @notice Lets `hotkey` serve the caller's neuron in place of the present one, whose permit it takes over.
    /// @param consent As for `register`. Errors: `UnknownNeuron`, `NotColdkey`, `Replaced`, `DeadlinePassed`, `HotkeyTaken`,
    /// `InvalidConsent`, and `OpenCommit` while the present hotkey has a commitment to answer for.
    function rotateHotkey(uint256 neuronId, address hotkey, uint256 deadline, bytes calldata consent) external;

    /// @notice Offers the caller's neuron to `coldkey`; zero withdraws the offer. Errors: `UnknownNeuron`, `NotColdkey`.
    function offerColdkey(uint256 neuronId, address coldkey) external;

    /// @notice Takes over a neuron that was offered to the caller: its rewards, also those not yet claimed, and the shares
    /// that its owner holds of its pool. Errors: `NotOffered`, `IStakeManager.StillUnbonding`.
    function acceptColdkey(uint256 neuronId) external;

    /// @notice Claims a permit to validate from the next epoch on (before genesis: from epoch 0). Called by the neuron's
    /// hotkey or coldkey. When all permits are held, the holder with the lowest stake loses its own, if it is lower than
    /// the claimant's (ties among the lowest: registered later). Permits last until evicted.
    /// Errors: `UnknownUid`, `NotOperator`, `AlreadyPermitted`, `StakeBelowMinimum`, `PermitsFull`.
    function claimPermit(uint256 uid) external;

    /// @notice Stores the incentives of the epoch settled, big-endian u16 per uid. Only `epochEngine`, in `epoch` + 1.
    /// Uids registered in the current epoch stay in `registeredSinceSettlement`.
    /// Errors: `NotEpochEngine`, `WrongSettlementEpoch`, `IncentivesLength`.
    function recordSettlement(uint256 epoch, bytes calldata incentivesU16) external;

    /// @notice The token burned.
    function token() external view returns (IWeftToken);

    /// @notice The run's clock.
    function clock() external view returns (RoundClock);

    /// @notice Zero before `link`.
    function stakeManager() external view returns (address);

    /// @notice Zero before `link`.
    function epochEngine() external view returns (address);

    /// @notice Holds the collateral. Zero before `link`.
    function vault() external view returns (address);

    /// @notice Zero before `link`.
    function updateLedger() external view returns (address);

    /// @notice Zero before `link`.
    function weightLedger() external view returns (address);

    /// @notice The parameters as they stand.
    function parameters() external view returns (Parameters memory);

    /// @notice The epoch now; 0 before genesis.
    function currentEpoch() external view returns (uint256);

    /// @notice Uids held: those below this number.
    function uidCount() external view returns (uint256);

    /// @notice Neurons ever registered: the highest neuronId.
    function neuronCount() external view returns (uint256);

    /// @notice Wei that a registration burns now. Rounded up: it decays by half per half-life, down to `minBurn`.
    function burnPrice() external view returns (uint256);

    /// @notice Registrations that this epoch still admits.
    function registrationsLeft() external view returns (uint256);

    /// @notice The neuron a hotkey serves and its uid, (0, 0) if none. One storage read.
    function neuronOf(address hotkey) external view returns (uint256 neuronId, uint256 uid);

    /// @notice Like `neuronOf`, but reverts `NotRegistered`.
    function neuronOfHotkey(address hotkey) external view returns (uint256 neuronId, uint256 uid);

    /// @notice The neuron a hotkey serves, its coldkey and the epoch in which it registered. Reverts `NotRegistered`.
    function ownerOfHotkey(
        address hotkey
    ) external view returns (uint256 neuronId, address coldkey, uint256 registeredEpoch);

    /// @notice The neuron a hotkey serves and its uid, if it holds a permit for `epoch`. One storage read for a
    /// validator permitted since before. Errors: `NotRegistered`, `NotPermitted`, `PermitRingLib.PermitsNotKept`.
    function permittedNeuronOf(address hotkey, uint256 epoch) external view returns (uint256 neuronId, uint256 uid);

    /// @notice The uids of hotkeys that all hold a permit for `epoch`. Errors as of `permittedNeuronOf`.
    function permittedUidsOf(address[] calldata hotkeys, uint256 epoch) external view returns (uint256[] memory uids);

    /// @notice The neuron on `uid`, 0 if none.
    function neuronAt(uint256 uid) external view returns (uint256 neuronId);

    /// @notice A neuron's record; reverts `UnknownNeuron`. `active`: it still holds `uid`.
    function neuron(
        uint256 neuronId
    ) external view returns (address coldkey, address hotkey, uint256 uid, uint256 registeredEpoch, bool active);

    /// @notice Who owns a neuron's stake and rewards; reverts `UnknownNeuron`.
    function coldkeyOf(uint256 neuronId) external view returns (address);

    /// @notice Whether the neuron lost its uid, and in which epoch.
    function replacedIn(uint256 neuronId) external view returns (bool replaced, uint256 epoch);

    /// @notice To whom the neuron is offered; zero: to nobody.
    function coldkeyOffer(uint256 neuronId) external view returns (address);

    /// @notice The hotkeys on the uids of `word` (bit uid), by uid; zero on others. As many as `uidCount`.
    function hotkeysOf(uint256 word) external view returns (address[] memory hotkeys);

    /// @notice Uids that hold a permit for `epoch`, ascending, and the neurons on them now.
    /// Errors: `PermitRingLib.PermitsNotKept`.
    function permittedNeurons(uint256 epoch) external view returns (uint256[] memory uids, uint256[] memory neuronIds);

    /// @notice Whether the neuron holds a uid.
    function isActive(uint256 neuronId) external view returns (bool);

    /// @notice The incentive of `uid` in the last settlement as u16 of 65535, 0 for a neuron registered since.
    function incentiveOf(uint256 uid) external view returns (uint256);

    /// @notice Permits of `epoch`, bit uid. For a later epoch than the current one: as they stand now. The last four
    /// distinct words are kept; older epochs revert `PermitRingLib.PermitsNotKept`.
    function permitsAt(uint256 epoch) external view returns (uint256 word);

    /// @notice The first epoch with a permit; max uint256 while there was none.
    function firstPermitEpoch() external view returns (uint256);

    /// @notice What the settlement of the previous epoch needs, in one call.
    /// @return count Uids held.
    /// @return registeredThisEpoch Bit uid: registered since the current epoch started, which is when the commit window
    /// of the previous one opened.
    /// @return registeredSinceSettlement Bit uid: registered since the commit window of the last settled epoch opened.
    /// @return neuronIds The neuron on each uid, `count` entries.
    function settlementView()
        external
        view
        returns (
            uint256 count,
            uint256 registeredThisEpoch,
            uint256 registeredSinceSettlement,
            uint256[] memory neuronIds
        );
}
