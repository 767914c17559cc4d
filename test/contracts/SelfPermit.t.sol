// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SelfPermit} from "../../contracts/SelfPermit.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

contract SelfPermitTest is MoneySystem {
    uint256 private constant KEY = 0xCAFE;
    address private owner = vm.addr(KEY);
    uint256 private neuron;

    function setUp() public {
        _deploy();
        (neuron, ) = _register(alice, 0);
        vm.prank(alice);
        token.transfer(owner, 100e18);
    }

    function _permit(address spender, uint256 value, uint256 deadline) private view returns (bytes memory) {
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                spender,
                value,
                token.nonces(owner),
                deadline
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            KEY,
            keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), message))
        );
        return abi.encodeCall(SelfPermit.selfPermit, (value, deadline, v, r, s));
    }

    function test_multicall_permitAndStake_needsOneTransaction() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = _permit(address(stakes), 7e18, FOREVER);
        calls[1] = abi.encodeCall(stakes.stake, (neuron, 7e18, 0, FOREVER));
        vm.prank(owner);
        stakes.multicall(calls);
        vm.assertEq(stakes.assetsOf(neuron, owner), 7e18);
        vm.assertEq(token.allowance(owner, address(stakes)), 0);
    }

    function test_multicall_permitAndRegister_needsOneTransaction() public {
        bytes[] memory calls = new bytes[](2);
        calls[0] = _permit(address(metagraph), 100e18, FOREVER);
        calls[1] = abi.encodeCall(metagraph.register, (_hotkey(1), 100e18, FOREVER, _consent(1, owner, FOREVER)));
        vm.prank(owner);
        metagraph.multicall(calls);
        vm.assertEq(metagraph.coldkeyOf(2), owner);
    }

    function test_selfPermit_ofTheChallenge_allowsItTheBond() public {
        bytes memory call = _permit(address(challenges), 2e18, FOREVER);
        vm.prank(owner);
        (bool made, ) = address(challenges).call(call);
        vm.assertTrue(made);
        vm.assertEq(token.allowance(owner, address(challenges)), 2e18);
    }

    function test_selfPermit_submittedByAnotherBefore_passes() public {
        bytes memory call = _permit(address(stakes), 7e18, FOREVER);
        vm.prank(owner);
        (bool first, ) = address(stakes).call(call);
        vm.prank(owner);
        (bool again, ) = address(stakes).call(call);
        vm.assertTrue(first && again);
    }

    function test_selfPermit_expired_revertsPermitFailed() public {
        bytes[] memory calls = new bytes[](1);
        calls[0] = _permit(address(stakes), 7e18, block.timestamp - 1);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(SelfPermit.PermitFailed.selector, 0, 7e18));
        stakes.multicall(calls);
    }
}
