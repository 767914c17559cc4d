// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Linked} from "./Linked.sol";

/// @title WeftToken
contract WeftToken is ERC20, ERC20Permit, ERC20Votes, Linked, IWeftToken {
    /// @inheritdoc IWeftToken
    uint256 public constant MAX_SUPPLY = 21_000_000e18;

    /// @inheritdoc IWeftToken
    uint256 public issued;

    /// @inheritdoc IWeftToken
    address public minter;

    /// @inheritdoc IWeftToken
    address public stakeManager;

    /// @param recipients Accounts of the genesis allocation.
    /// @param amounts Wei for each.
    constructor(address[] memory recipients, uint256[] memory amounts) ERC20("Weft", "WEFT") ERC20Permit("Weft") {
        if (recipients.length != amounts.length) revert LengthMismatch(recipients.length, amounts.length);
        for (uint256 i = 0; i < recipients.length; i++) {
            _issue(recipients[i], amounts[i]);
        }
    }

    /// @inheritdoc IWeftToken
    function link(address minter_, address stakeManager_) external {
        _linkOnce();
        _takeIntoCustody(_contractAt(minter_));
        _takeIntoCustody(_contractAt(stakeManager_));
        minter = minter_;
        stakeManager = stakeManager_;
        emit TokenLinked(minter_, stakeManager_);
    }

    /// @inheritdoc IWeftToken
    function mint(address to, uint256 amount) external {
        if (msg.sender != minter) revert NotMinter(msg.sender, minter);
        _issue(to, amount);
    }

    /// @inheritdoc IWeftToken
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IWeftToken
    function burnFrom(address account, uint256 amount) external {
        _spendAllowance(account, msg.sender, amount);
        _burn(account, amount);
    }

    /// @inheritdoc ERC20Permit
    function nonces(address owner) public view override(IERC20Permit, ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @notice Seconds of block time (ERC-6372).
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp); // safe: seconds since 1970 pass 2^48 in nine million years
    }

    /// @notice Machine-readable description of `clock` (ERC-6372).
    // The name is ERC-6372's.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function _issue(address to, uint256 amount) private {
        if (amount > MAX_SUPPLY - issued) revert CapExceeded(issued, amount, MAX_SUPPLY);
        issued += amount;
        _mint(to, amount);
    }

    /// @dev Retires the voting units of what somebody sent to a custodian before it was one.
    function _takeIntoCustody(address custodian) private {
        super._transferVotingUnits(custodian, address(0), balanceOf(custodian));
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    /// @dev To votes a custodian is nobody: what it receives is as if burned, what it pays out as if minted, and what
    /// moves between custodians does not move.
    function _transferVotingUnits(address from, address to, uint256 amount) internal override {
        (address voterFrom, address voterTo) = (_voter(from), _voter(to));
        if (voterFrom != voterTo) super._transferVotingUnits(voterFrom, voterTo, amount);
    }

    /// @dev A custodian that delegated would otherwise hand out units it does not have.
    function _getVotingUnits(address account) internal view override returns (uint256) {
        return _voter(account) == address(0) ? 0 : super._getVotingUnits(account);
    }

    function _voter(address account) private view returns (address) {
        return account == minter || account == stakeManager ? address(0) : account;
    }
}
