// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWeftToken} from "./IWeftToken.sol";

/// @title CollateralVault: what newcomers lock until they have earned as much
/// @notice A neuron locks collateral when it registers. Every wei that its owner earns unlocks one; when the neuron lost its
/// uid, all that is left unlocks after the time that unstaking takes. Faults are paid from what is still unearned first.
/// Amounts are wei.
interface ICollateralVault {
    /// @notice Only `metagraph` locks.
    error NotMetagraph(address caller, address metagraph);

    /// @notice Only `slashing` slashes.
    error NotSlashing(address caller, address slashing);

    /// @notice Nothing of the neuron's collateral is unlocked now.
    error NothingUnlocked(uint256 neuronId, uint256 locked);

    /// @notice The wiring was set.
    event CollateralVaultLinked(address slashing);

    /// @notice `amount` wei are locked for the neuron.
    event CollateralLocked(uint256 indexed neuronId, uint256 amount);

    /// @notice `amount` wei went back to the neuron's owner.
    event CollateralReleased(uint256 indexed neuronId, address indexed to, uint256 amount);

    /// @notice A slash took `amount` wei, of which `reward` went to `reporter` and the rest was burned.
    event CollateralSlashed(uint256 indexed neuronId, uint256 amount, address reporter, uint256 reward);

    /// @notice Sets the wiring, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address slashing_) external;

    /// @notice Books `amount` wei, which `metagraph` sends here in the same transaction. Errors: `NotMetagraph`.
    function lock(uint256 neuronId, uint256 amount) external;

    /// @notice Pays what is unlocked to the neuron's coldkey. Anyone may call. Errors: `NothingUnlocked`,
    /// `IMetagraph.UnknownNeuron`.
    function release(uint256 neuronId) external returns (uint256 amount);

    /// @notice Takes up to `amount` wei of what is unearned; `rewardBps` of it, rounded down, go to `reporter`, the rest is
    /// burned. Only `slashing`. Errors: `NotSlashing`.
    function slash(
        uint256 neuronId,
        uint256 amount,
        address reporter,
        uint256 rewardBps
    ) external returns (uint256 taken, uint256 reward);

    /// @notice Wei locked, and how many of them are unearned: neither earned nor unlocked by the loss of the uid.
    function collateralOf(uint256 neuronId) external view returns (uint256 locked, uint256 unearned);

    /// @notice The token locked.
    function token() external view returns (IWeftToken);

    /// @notice Whose neurons lock collateral.
    function metagraph() external view returns (address);

    /// @notice Says what a neuron has earned.
    function emission() external view returns (address);

    /// @notice Says how long unstaking takes.
    function stakeManager() external view returns (address);

    /// @notice Zero before `link`.
    function slashing() external view returns (address);
}
