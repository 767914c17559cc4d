// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDirectory} from "../../contracts/interfaces/IDirectory.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice Neuron 1 is alice's.
contract DirectoryTest is MoneySystem {
    function setUp() public {
        _deploy();
        _register(alice, 0);
    }

    function test_constructor_takesTheMetagraph() public view {
        vm.assertEq(address(directory.metagraph()), address(metagraph));
    }

    // setIdentity

    function test_setIdentity_byTheOwner_emitsAndMayBeRepeatedOrEmptied() public {
        _expectIdentity("alice", "https://alice.example");
        _expectIdentity("", "");
        _expectIdentity("alice again", "");
    }

    function test_setIdentity_byAnother_revertsNotColdkey() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IDirectory.NotColdkey.selector, 1, bob, alice));
        directory.setIdentity(1, "bob", "");
        address hotkey = _hotkey(0);
        vm.prank(hotkey);
        vm.expectRevert(abi.encodeWithSelector(IDirectory.NotColdkey.selector, 1, hotkey, alice));
        directory.setIdentity(1, "hotkey", "");
    }

    function test_setIdentity_ofNobody_revertsUnknownNeuron() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.UnknownNeuron.selector, 2));
        directory.setIdentity(2, "alice", "");
    }

    function test_setIdentity_textsOneByteTooLong_revertTextTooLong() public {
        _expectIdentity(_text(64), _text(256));
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IDirectory.TextTooLong.selector, bytes32("name"), 65, 64));
        directory.setIdentity(1, _text(65), "");
        vm.expectRevert(abi.encodeWithSelector(IDirectory.TextTooLong.selector, bytes32("url"), 257, 256));
        directory.setIdentity(1, "", _text(257));
        vm.stopPrank();
    }

    // setEndpoint

    function test_setEndpoint_byTheHotkey_emits() public {
        _expectEndpoint("/ip4/192.0.2.1/tcp/4001/p2p/12D3KooW");
        _expectEndpoint("");
    }

    function test_setEndpoint_byTheOwner_revertsNotRegistered() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotRegistered.selector, alice));
        directory.setEndpoint("/ip4/192.0.2.1/tcp/4001");
    }

    function test_setEndpoint_oneByteTooLong_revertsTextTooLong() public {
        _expectEndpoint(_text(256));
        vm.prank(_hotkey(0));
        vm.expectRevert(abi.encodeWithSelector(IDirectory.TextTooLong.selector, bytes32("endpoint"), 257, 256));
        directory.setEndpoint(_text(257));
    }

    function _expectIdentity(string memory name, string memory url) private {
        vm.expectEmit(address(directory));
        emit IDirectory.IdentitySet(1, name, url);
        vm.prank(alice);
        directory.setIdentity(1, name, url);
    }

    function _expectEndpoint(string memory endpoint) private {
        vm.expectEmit(address(directory));
        emit IDirectory.EndpointSet(1, endpoint);
        vm.prank(_hotkey(0));
        directory.setEndpoint(endpoint);
    }

    function _text(uint256 length) private pure returns (string memory) {
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; i++) text[i] = "a";
        return string(text);
    }
}
