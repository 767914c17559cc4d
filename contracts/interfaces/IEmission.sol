// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";
import {IWeftToken} from "./IWeftToken.sol";

/// @title Emission: the schedule, and what it owes to whom
/// @notice Mints once per settlement and credits it; everyone pulls its own, whenever it likes. Amounts are wei, shares
/// of a pot Q32 (2^32 is the whole). The rate follows issuance: base · 2^−k, k the largest with
/// issued · 2^k ≥ cap · (2^k − 1). All rounding is down; what nobody is given is not minted.
interface IEmission {
    /// @notice Bounds in brackets. All but `baseRate` can be changed.
    struct Parameters {
        /// @dev Wei per second before the first halving; two epochs of it are at most half the cap [1, …].
        uint256 baseRate;
        /// @dev The three parts of the pot in basis points; they sum to 10,000, and validators' and miners' are not 0.
        uint256 minerBps;
        uint256 validatorBps;
        uint256 treasuryBps;
        /// @dev Receives the treasury's part; not zero.
        address treasury;
        /// @dev Most wei of the treasury's part that go to who settles [0, cap].
        uint256 maxBounty;
    }

    /// @notice The three parts do not make a whole, or miners or validators have none.
    error InvalidSplit(uint256 minerBps, uint256 validatorBps, uint256 treasuryBps);

    /// @notice The treasury is nobody.
    error InvalidTreasury(address treasury);

    /// @notice Only `epochEngine` may settle.
    error NotEpochEngine(address caller, address epochEngine);

    /// @notice Two lists that belong together differ in length.
    error LengthMismatch(uint256 neuronIds, uint256 shares);

    /// @notice The shares of a pot sum to more than 2^32.
    error SharesExceedOne(uint256 sum);

    /// @notice The epoch's end is not after the last boundary settled.
    error BoundaryNotLater(uint256 boundary, uint256 lastBoundary);

    /// @notice The schedule never changes.
    error RateFixed(uint256 baseRate);

    /// @notice Emission ends after `time`, the block's, and before `endsAt`, when it ends as things stand.
    error EndOutOfBounds(uint256 from, uint256 time, uint256 endsAt);

    /// @notice The neuron is owed nothing.
    error NothingToClaim(uint256 neuronId);

    /// @notice The account is owed nothing.
    error NothingToClaimFor(address account);

    /// @notice The wiring was set.
    event EmissionLinked(address epochEngine);

    /// @notice Whom a settlement credited; who got nothing is left out. Entries are big-endian, back to back.
    /// @param miners Per entry: neuronId u64, incentive u128, both its owner's.
    /// @param validators Per entry: neuronId u64, dividend u128, take u128: of the dividend the owner gets the take, the pool
    /// the rest. The take is the whole dividend when the pool is empty.
    event Credited(uint256 indexed epoch, bytes miners, bytes validators);

    /// @notice The parameters from `fromEpoch` on; treasury and bounty at once.
    event ParametersSet(uint256 indexed fromEpoch, Parameters parameters);

    /// @notice Settlements come from `epochEngine` from now on.
    event EpochEngineSet(address epochEngine);

    /// @notice Time from `from` (Unix seconds) on is not paid.
    event Ending(uint256 from);

    /// @notice A settlement minted `total`, of which `treasury` and `bounty` went to the treasury and to `caller`.
    event Minted(uint256 indexed epoch, uint256 total, uint256 treasury, uint256 bounty, address caller);

    /// @notice A neuron's rewards were paid to its coldkey.
    event Claimed(uint256 indexed neuronId, address indexed to, uint256 amount);

    /// @notice An account's treasury part or bounties were paid.
    event AccountClaimed(address indexed account, uint256 amount);

    /// @notice Sets the wiring, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address epochEngine_) external;

    /// @notice Changes the split from the current epoch on, which is settled in the next one: what is being settled now is
    /// split as before. Treasury and highest bounty change at once. Only the authority's role
    /// (`AccessManagedUnauthorized`). Errors: `RateFixed`, `InvalidSplit`, `InvalidTreasury`, `Bounds.ParameterOutOfBounds`.
    function setParameters(Parameters calldata p) external;

    /// @notice Lets another contract settle. Only the authority's role. Errors: `NotAContract`.
    function setEpochEngine(address epochEngine_) external;

    /// @notice Ends emission: time from `from` (Unix seconds) on is not paid. Only the authority's role, which the run's
    /// registry has. Claims remain. Errors: `EndOutOfBounds`.
    function end(uint256 from) external;

    /// @notice Mints and credits the pot of `epoch`. Only `epochEngine`. The time counted runs from the last settled
    /// boundary, but not before the first epoch with a permit, to the end of `epoch` or of emission, at most 2 epochs.
    /// @param minerNeuronIds Neurons of `incentivesQ32`, which share the miners' pot.
    /// @param validatorNeuronIds Neurons of `dividendsQ32`, which share the validators' pot.
    /// @param caller Who sent the settlement. The bounty goes to the neuron whose hotkey it is, else to the account.
    /// Errors: `NotEpochEngine`, `LengthMismatch`, `SharesExceedOne`, `BoundaryNotLater`.
    function settle(
        uint256 epoch,
        uint256[] calldata minerNeuronIds,
        uint256[] calldata incentivesQ32,
        uint256[] calldata validatorNeuronIds,
        uint256[] calldata dividendsQ32,
        address caller
    ) external;

    /// @notice Pays what a neuron is owed to its coldkey. Anyone may call. Errors: `NothingToClaim`.
    function claim(uint256 neuronId) external returns (uint256 amount);

    /// @notice Pays what an account (treasury, settling callers) is owed. Anyone may call. Errors: `NothingToClaimFor`.
    function claimAccount(address account) external returns (uint256 amount);

    /// @notice The token minted.
    function token() external view returns (IWeftToken);

    /// @notice The run's clock.
    function clock() external view returns (RoundClock);

    /// @notice Whose neurons are paid.
    function metagraph() external view returns (address);

    /// @notice Holds the pools that dividends go to.
    function stakeManager() external view returns (address);

    /// @notice Zero before `link`.
    function epochEngine() external view returns (address);

    /// @notice The parameters as they stand.
    function parameters() external view returns (Parameters memory);

    /// @notice Wei per second that a settlement now would count with.
    function rate() external view returns (uint256);

    /// @notice Unix seconds of the last boundary settled; 0 before any.
    function lastBoundary() external view returns (uint64);

    /// @notice Unix seconds from which on time is not paid; max uint64 while no end is set.
    function endsAt() external view returns (uint64);

    /// @notice Wei that a neuron's owner has earned, ever.
    function totalEarned(uint256 neuronId) external view returns (uint256);

    /// @notice Wei that a neuron's owner has earned and been paid, ever. Neither falls.
    function earned(uint256 neuronId) external view returns (uint256 earnedTotal, uint256 claimedTotal);

    /// @notice Wei that an account has earned (treasury, bounties) and been paid, ever. Neither falls.
    function accountEarned(address account) external view returns (uint256 earnedTotal, uint256 claimedTotal);
}
