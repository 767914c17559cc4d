// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {Linked} from "./Linked.sol";

/// @title WeftToken
contract WeftToken is ERC20, ERC20Permit, ERC20Votes, Linked, IWeftToken {
    bytes32 private constant PERMIT_TYPEHASH = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    /// @inheritdoc IWeftToken
    uint256 public constant MAX_SUPPLY = 21_000_000e18;

    /// @inheritdoc IWeftToken
    uint256 public issued;

    /// @inheritdoc IWeftToken
    address public minter;

    /// @param recipients Accounts of the genesis allocation.
    /// @param amounts Wei for each.
    constructor(address[] memory recipients, uint256[] memory amounts) ERC20("Weft", "WEFT") ERC20Permit("Weft") {
        if (recipients.length != amounts.length) revert LengthMismatch(recipients.length, amounts.length);
        for (uint256 i = 0; i < recipients.length; i++) {
            _issue(recipients[i], amounts[i]);
        }
    }

    /// @inheritdoc IWeftToken
    function link(address minter_) external {
        _linkOnce();
        minter = _contractAt(minter_);
        emit TokenLinked(minter_);
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

    /// @inheritdoc IWeftToken
    function permit(
        address owner,
        address spender,
        uint256 value,
        uint256 deadline,
        bytes calldata signature
    ) external {
        if (block.timestamp > deadline) revert ERC2612ExpiredSignature(deadline);
        bytes32 message = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, _useNonce(owner), deadline));
        if (!SignatureChecker.isValidSignatureNow(owner, _hashTypedDataV4(message), signature)) {
            revert InvalidPermit(owner, spender, value, deadline);
        }
        _approve(owner, spender, value);
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

    /// @notice Not kept: reverts `SupplyHistoryNotKept`. A proposal's quorum is a part of the supply when it is made.
    function getPastTotalSupply(uint256) public pure override returns (uint256) {
        revert SupplyHistoryNotKept();
    }

    function _issue(address to, uint256 amount) private {
        if (amount > MAX_SUPPLY - issued) revert CapExceeded(issued, amount, MAX_SUPPLY);
        issued += amount;
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }

    /// @dev Units come from and go to this contract, which never delegates, where tokens are minted and burned: what is
    /// called with the zero address would write a checkpoint of the supply, a new slot each time.
    function _transferVotingUnits(address from, address to, uint256 amount) internal override {
        super._transferVotingUnits(_someone(from), _someone(to), amount);
    }

    /// @dev Asked at each mint and burn; this contract's own answer needs no look into storage.
    function delegates(address account) public view override returns (address) {
        return account == address(this) ? address(0) : super.delegates(account);
    }

    function _someone(address account) private view returns (address) {
        return account == address(0) ? address(this) : account;
    }
}
