// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @title WeftToken: WEFT, 18 decimals
/// @notice ERC-20 with Permit (ERC-2612) and Votes (ERC-5805, timestamp clock). Amounts in wei. At most `MAX_SUPPLY` is
/// ever issued: the genesis allocation first, then what `minter` mints. Burning does not make room for more.
/// Votes: of what an account holds, for whom it delegated to. Staked tokens are voted through `IStakeCounting`; what waits
/// in contracts to be claimed is not voted. No history of the supply is kept, so that neither a settlement nor a claim
/// writes a checkpoint.
interface IWeftToken is IERC20, IERC20Permit {
    /// @notice The genesis lists differ in length.
    error LengthMismatch(uint256 recipients, uint256 amounts);

    /// @notice Only `minter` may mint.
    error NotMinter(address caller, address minter);

    /// @notice Issuing `amount` on top of `issued` would pass `cap`.
    error CapExceeded(uint256 issued, uint256 amount, uint256 cap);

    /// @notice The signature is not `owner`'s for this permit with its present nonce.
    error InvalidPermit(address owner, address spender, uint256 value, uint256 deadline);

    /// @notice The supply of the past is not kept.
    error SupplyHistoryNotKept();

    /// @notice The wiring was set.
    event TokenLinked(address minter);

    /// @notice The most that is ever issued: 21,000,000 WEFT in wei.
    function MAX_SUPPLY() external view returns (uint256);

    /// @notice Wei issued so far: genesis allocation plus everything minted. Never falls.
    function issued() external view returns (uint256);

    /// @notice The only account that may mint (`Emission`); zero before `link`.
    function minter() external view returns (address);

    /// @notice Sets the minter, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address minter_) external;

    /// @notice Mints `amount` wei to `to`. Only `minter` (`NotMinter`), up to the cap (`CapExceeded`).
    function mint(address to, uint256 amount) external;

    /// @notice ERC-2612's permit with a signature of any length (ERC-7597): of a key, or one that the owner, a contract,
    /// accepts (ERC-1271). Errors: `ERC2612ExpiredSignature`, `InvalidPermit`.
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature) external;

    /// @notice Burns `amount` wei of the caller's own.
    function burn(uint256 amount) external;

    /// @notice Burns `amount` wei of `account` against the allowance it gave the caller.
    function burnFrom(address account, uint256 amount) external;
}
