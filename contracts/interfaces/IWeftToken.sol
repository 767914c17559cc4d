// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title WeftToken: WEFT, 18 decimals
/// @notice ERC-20 with Permit (ERC-2612) and Votes (ERC-5805, timestamp clock). Amounts in wei. At most `MAX_SUPPLY` is
/// ever issued: the genesis allocation first, then what `minter` mints. Burning does not make room for more.
/// Votes: tokens held by the custodians (the minter, which holds unclaimed rewards, and the stake manager) carry no
/// voting units, so that a settlement writes no checkpoint. They carry units again once paid out.
interface IWeftToken is IERC20, IERC20Permit {
    /// @notice The genesis lists differ in length.
    error LengthMismatch(uint256 recipients, uint256 amounts);

    /// @notice Only `minter` may mint.
    error NotMinter(address caller, address minter);

    /// @notice Issuing `amount` on top of `issued` would pass `cap`.
    error CapExceeded(uint256 issued, uint256 amount, uint256 cap);

    /// @notice The wiring was set.
    event TokenLinked(address minter, address stakeManager);

    /// @notice The most that is ever issued: 21,000,000 WEFT in wei.
    function MAX_SUPPLY() external view returns (uint256);

    /// @notice Wei issued so far: genesis allocation plus everything minted. Never falls.
    function issued() external view returns (uint256);

    /// @notice The only account that may mint (`Emission`); zero before `link`.
    function minter() external view returns (address);

    /// @notice Holds staked tokens (`StakeManager`); zero before `link`.
    function stakeManager() external view returns (address);

    /// @notice Sets minter and stake manager, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address minter_, address stakeManager_) external;

    /// @notice Mints `amount` wei to `to`. Only `minter` (`NotMinter`), up to the cap (`CapExceeded`).
    function mint(address to, uint256 amount) external;

    /// @notice Burns `amount` wei of the caller's own.
    function burn(uint256 amount) external;

    /// @notice Burns `amount` wei of `account` against the allowance it gave the caller.
    function burnFrom(address account, uint256 amount) external;
}
