// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Linked} from "../../contracts/Linked.sol";
import {WeftToken} from "../../contracts/WeftToken.sol";
import {IWeftToken} from "../../contracts/interfaces/IWeftToken.sol";
import {WeftTest} from "../support/solidity/WeftTest.sol";

/// @notice A contract that does nothing, to stand for a custodian.
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

    function test_link_byDeployer_setsBothAndEmits() public {
        vm.expectEmit(address(token));
        emit IWeftToken.TokenLinked(minter, vault);
        token.link(minter, vault);
        vm.assertEq(token.minter(), minter);
        vm.assertEq(token.stakeManager(), vault);
        vm.assertTrue(token.linked());
    }

    function test_link_byAnother_revertsNotDeployer() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        token.link(minter, vault);
    }

    function test_link_twice_revertsAlreadyLinked() public {
        token.link(minter, vault);
        vm.expectRevert(Linked.AlreadyLinked.selector);
        token.link(minter, vault);
    }

    function test_link_minterWithoutCode_revertsNotAContract() public {
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        token.link(alice, vault);
    }

    function test_link_stakeManagerWithoutCode_revertsNotAContract() public {
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, bob));
        token.link(minter, bob);
    }

    function test_mint_byMinter_mints() public {
        token.link(minter, vault);
        vm.prank(minter);
        token.mint(bob, 5);
        vm.assertEq(token.balanceOf(bob), 5);
        vm.assertEq(token.issued(), 1000e18 + 5);
    }

    function test_mint_byAnother_revertsNotMinter() public {
        token.link(minter, vault);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.NotMinter.selector, alice, minter));
        token.mint(bob, 5);
    }

    function test_mint_beforeLink_revertsNotMinter() public {
        vm.expectRevert(abi.encodeWithSelector(IWeftToken.NotMinter.selector, address(this), address(0)));
        token.mint(bob, 5);
    }

    function test_mint_upToTheCap_mints() public {
        token.link(minter, vault);
        vm.prank(minter);
        token.mint(bob, CAP - 1000e18);
        vm.assertEq(token.issued(), CAP);
    }

    function test_mint_aboveTheCap_revertsCapExceeded() public {
        token.link(minter, vault);
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

    function test_votes_tokensInCustody_carryNoUnits() public {
        token.link(minter, vault);
        vm.prank(alice);
        token.delegate(alice);
        vm.prank(alice);
        token.transfer(vault, 400e18);
        vm.assertEq(token.getVotes(alice), 600e18);
        vm.assertEq(_pastTotal(), 600e18);
        vm.prank(vault);
        token.transfer(alice, 100e18);
        vm.assertEq(token.getVotes(alice), 700e18);
        vm.assertEq(_pastTotal(), 700e18);
    }

    function test_votes_mintIntoCustodyAndBetweenCustodians_changeNothing() public {
        token.link(minter, vault);
        vm.startPrank(minter);
        token.mint(minter, 50e18);
        token.transfer(vault, 20e18);
        vm.stopPrank();
        vm.assertEq(_pastTotal(), 1000e18);
        vm.assertEq(token.totalSupply(), 1050e18);
    }

    function test_votes_sentToACustodianBeforeLink_areRetiredByLink() public {
        vm.prank(alice);
        token.transfer(vault, 10e18);
        vm.assertEq(_pastTotal(), 1000e18);
        token.link(minter, vault);
        vm.assertEq(_pastTotal(), 990e18);
        vm.prank(vault);
        token.transfer(alice, 10e18);
        vm.assertEq(_pastTotal(), 1000e18);
    }

    function test_votes_custodianDelegating_handsOutNothing() public {
        token.link(minter, vault);
        vm.prank(alice);
        token.transfer(vault, 10e18);
        vm.prank(vault);
        token.delegate(bob);
        vm.assertEq(token.getVotes(bob), 0);
    }

    function test_clock_isTimestamp() public view {
        vm.assertEq(uint256(token.clock()), block.timestamp);
        vm.assertEq(token.CLOCK_MODE(), "mode=timestamp");
    }

    function _pastTotal() private returns (uint256) {
        vm.warp(uint256(token.clock()) + 1);
        return token.getPastTotalSupply(uint256(token.clock()) - 1);
    }
}
