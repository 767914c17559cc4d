// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Linked: one-shot wiring of contracts that need each other's addresses
/// @notice The deployer calls `link` once. Afterwards no account has any power over the wiring.
abstract contract Linked {
    /// @notice Only `deployer` may link.
    error NotDeployer(address caller, address deployer);

    /// @notice The wiring stands for good.
    error AlreadyLinked();

    /// @notice There is no code at `account`.
    error NotAContract(address account);

    /// @notice The account that may link, once.
    address public immutable deployer = msg.sender;

    /// @notice Whether the wiring stands.
    bool public linked;

    /// @dev Marks the wiring as done. To be called first by the inheritor's `link`.
    function _linkOnce() internal {
        if (msg.sender != deployer) revert NotDeployer(msg.sender, deployer);
        if (linked) revert AlreadyLinked();
        linked = true;
    }

    /// @dev Returns `account`, which must hold code.
    function _contractAt(address account) internal view returns (address) {
        if (account.code.length == 0) revert NotAContract(account);
        return account;
    }
}
