// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

/// @title SelfPermit: permit and act in one transaction
/// @notice `multicall([selfPermit(…), stake(…)])` spends a signed permit and acts on it at once.
abstract contract SelfPermit is Multicall {
    /// @notice The permit failed and the allowance that stands is below `value`.
    error PermitFailed(uint256 allowance, uint256 value);

    /// @notice Spends the caller's permit for `value` wei to this contract. A permit that somebody else already
    /// submitted from the mempool does no harm: the call then only needs the allowance to be there.
    function selfPermit(uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) public {
        address token = _permitToken();
        // solhint-disable-next-line no-empty-blocks
        try IERC20Permit(token).permit(msg.sender, address(this), value, deadline, v, r, s) {} catch {
            uint256 allowance = IERC20(token).allowance(msg.sender, address(this));
            if (allowance < value) revert PermitFailed(allowance, value);
        }
    }

    /// @dev The token whose permits are spent.
    function _permitToken() internal view virtual returns (address);
}
