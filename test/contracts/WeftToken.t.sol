// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Linked} from "../../contracts/Linked.sol";
import {WeftToken} from "../../contracts/WeftToken.sol";
import {IWeftToken} from "../../contracts/interfaces/IWeftToken.sol";
import {WeftTest} from "../support/solidity/WeftTest.sol";

/// @notice A contract that does nothing, to stand for a custodian.
/// @notice A wallet that holds one signature, 0xc0de, to be its own.
contract SigningWallet {
    function isValidSignature(bytes32, bytes calldata signature) external pure returns (bytes4) {
        return keccak256(signature) == keccak256(hex"c0de") ? this.isValidSignature.selector : bytes4(0);
    }
}

contract Custodian {}

contract WeftTokenTest is WeftTest {
    uint256 private constant CAP = 21_000_000e18;
    address private alice = address(0xA11CE);
    address private bob = address(0xB0B);
    address private minter = address(new Custodian());
    address private vault = address(new Custodian());
    WeftToken private token;

    function setUp() public {
        vm.warp(1_000_000);
        token = _token(1000e18);
    }

    function _token(uint256 allocation) private returns (WeftToken) {
        (address[] memory to, uint256[] memory amounts) = (new address[](1), new uint256[](1));
        (to[0], amounts[0]) = (alice, allocation);
        return new WeftToken(to, amounts);
    }

    function test_constructor_listsOfDifferentLength_revertsLengthMismatch() public {
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.LengthMismatch.selector, 1, 2));
        new WeftToken(new address[](1), new uint256[](2));
    }

    function test_constructor_allocation_countsAsIssued() public view {
        vm.assertEq(token.balanceOf(alice), 1000e18);
        vm.assertEq(token.issued(), 1000e18);
        vm.assertEq(token.totalSupply(), 1000e18);
        vm.assertEq(token.name(), "Weft");
        vm.assertEq(token.symbol(), "WEFT");
    }

    function test_constructor_allocationOfTheCap_isIssued() public {
        vm.assertEq(_token(CAP).issued(), CAP);
    }

    function test_constructor_allocationAboveTheCap_revertsCapExceeded() public {
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.CapExceeded.selector, 0, CAP + 1, CAP));
        _token(CAP + 1);
    }

    function test_link_byDeployer_setsTheMinterAndEmits() public {
        vm.expectEmit(address(token));
        emit IWeftToken.TokenLinked(minter);
        token.link(minter);
        vm.assertEq(token.minter(), minter);
        vm.assertTrue(token.linked());
    }

    function test_link_byAnother_revertsNotDeployer() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        token.link(minter);
    }

    function test_link_twice_revertsAlreadyLinked() public {
        token.link(minter);
        vm.expectRevert(Linked.AlreadyLinked.selector);
        token.link(minter);
    }

    function test_link_minterWithoutCode_revertsNotAContract() public {
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        token.link(alice);
    }

    function test_permit_walletThatIsAContract_isAskedAndSpendsTheNonce() public {
        SigningWallet wallet = new SigningWallet();
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.InvalidPermit.selector, wallet, bob, 7, block.timestamp));
        token.permit(address(wallet), bob, 7, block.timestamp, hex"00");
        token.permit(address(wallet), bob, 7, block.timestamp, hex"c0de");
        vm.assertEq(token.allowance(address(wallet), bob), 7);
        vm.assertEq(token.nonces(address(wallet)), 1);
    }

    function test_permit_bytesOfAKey_isWhatTheKeySigned() public {
        address owner = vm.addr(0xA);
        bytes32 typehash = keccak256(
            "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
        );
        bytes32 message = keccak256(abi.encode(typehash, owner, bob, 7, 0, block.timestamp));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), message));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(0xA, digest);
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.InvalidPermit.selector, owner, bob, 8, block.timestamp));
        token.permit(owner, bob, 8, block.timestamp, abi.encodePacked(r, s, v));
        token.permit(owner, bob, 7, block.timestamp, abi.encodePacked(r, s, v));
        vm.assertEq(token.allowance(owner, bob), 7);
    }

    function test_permit_bytesASecondAfterTheDeadline_revertsExpired() public {
        vm.warp(1000);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, 999));
        token.permit(alice, bob, 7, 999, hex"c0de");
    }

    function test_mint_byMinter_mints() public {
        token.link(minter);
        vm.prank(minter);
        token.mint(bob, 5);
        vm.assertEq(token.balanceOf(bob), 5);
        vm.assertEq(token.issued(), 1000e18 + 5);
    }

    function test_mint_byAnother_revertsNotMinter() public {
        token.link(minter);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.NotMinter.selector, alice, minter));
        token.mint(bob, 5);
    }

    function test_mint_beforeLink_revertsNotMinter() public {
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.NotMinter.selector, address(this), address(0)));
        token.mint(bob, 5);
    }

    function test_mint_upToTheCap_mints() public {
        token.link(minter);
        vm.prank(minter);
        token.mint(bob, CAP - 1000e18);
        vm.assertEq(token.issued(), CAP);
    }

    function test_mint_aboveTheCap_revertsCapExceeded() public {
        token.link(minter);
        vm.prank(minter);
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.CapExceeded.selector, 1000e18, CAP - 1000e18 + 1, CAP));
        token.mint(bob, CAP - 1000e18 + 1);
    }

    function test_burn_own_makesNoRoomUnderTheCap() public {
        vm.prank(alice);
        token.burn(400e18);
        vm.assertEq(token.totalSupply(), 600e18);
        vm.assertEq(token.issued(), 1000e18);
    }

    function test_burn_moreThanHeld_revertsInsufficientBalance() public {
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 1000e18, 1000e18 + 1)
        );
        token.burn(1000e18 + 1);
    }

    function test_burnFrom_withinAllowance_burnsAndSpendsIt() public {
        vm.prank(alice);
        token.approve(bob, 10);
        vm.prank(bob);
        token.burnFrom(alice, 10);
        vm.assertEq(token.balanceOf(alice), 1000e18 - 10);
        vm.assertEq(token.allowance(alice, bob), 0);
    }

    function test_burnFrom_aboveAllowance_revertsInsufficientAllowance() public {
        vm.prank(alice);
        token.approve(bob, 10);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, bob, 10, 11));
        token.burnFrom(alice, 11);
    }

    function test_votes_userToUser_moveWithTokens() public {
        vm.prank(alice);
        token.delegate(alice);
        vm.prank(bob);
        token.delegate(bob);
        vm.prank(alice);
        token.transfer(bob, 1e18);
        vm.assertEq(token.getVotes(alice), 999e18);
        vm.assertEq(token.getVotes(bob), 1e18);
    }

    function test_votes_mintedAndBurned_followTheDelegate() public {
        token.link(minter);
        vm.prank(alice);
        token.delegate(bob);
        vm.prank(minter);
        token.mint(alice, 5e18);
        vm.assertEq(token.getVotes(bob), 1005e18);
        vm.prank(alice);
        token.burn(4e18);
        vm.assertEq(token.getVotes(bob), 1001e18);
    }

    function test_delegates_ofTheTokenItself_isNobody() public {
        vm.assertEq(token.delegates(address(token)), address(0));
        vm.prank(alice);
        token.delegate(bob);
        vm.assertEq(token.delegates(alice), bob);
    }

    function test_votes_tokensInAContract_areNobodys() public {
        vm.prank(alice);
        token.delegate(alice);
        vm.prank(alice);
        token.transfer(vault, 400e18);
        vm.assertEq(token.getVotes(alice), 600e18);
        vm.prank(vault);
        token.transfer(alice, 100e18);
        vm.assertEq(token.getVotes(alice), 700e18);
    }

    function test_getPastTotalSupply_anyTime_revertsSupplyHistoryNotKept() public {
        vm.warp(block.timestamp + 10);
        vm.expectRevert(IWeftToken.SupplyHistoryNotKept.selector);
        token.getPastTotalSupply(1);
    }

    function test_clock_isTimestamp() public view {
        vm.assertEq(uint256(token.clock()), block.timestamp);
        vm.assertEq(token.CLOCK_MODE(), "mode=timestamp");
    }
}
