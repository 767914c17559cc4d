// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Linked} from "../../contracts/Linked.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// @notice Keys that change, and parameters. Neurons 1 to 4 on uids 0 to 3 are alice's; 3 and 4 validate.
contract MetagraphKeysTest is RunSystem {
    function setUp() public {
        _deployRun();
        _toRound(3, 0);
    }

    // rotateHotkey

    function test_rotateHotkey_validator_goesOnWithTheNewKey() public {
        vm.expectEmit(address(metagraph));
        emit IMetagraph.HotkeyRotated(3, 2, _hotkey(2), _hotkey(9));
        _rotate(alice, 3, 9);
        (uint256 neuronId, uint256 uid) = metagraph.permittedNeuronOf(_hotkey(9), 1);
        vm.assertEq(neuronId, 3);
        vm.assertEq(uid, 2);
        (, address hotkey, , , bool active) = metagraph.neuron(3);
        vm.assertEq(hotkey, _hotkey(9));
        vm.assertTrue(active);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotRegistered.selector, _hotkey(2)));
        metagraph.neuronOfHotkey(_hotkey(2));
        (uint256 none, ) = metagraph.neuronOf(_hotkey(2));
        vm.assertEq(none, 0);
        _rotate(alice, 3, 2); // and back
    }

    function test_rotateHotkey_byAnotherOrOfNoNeuron_reverts() public {
        bytes memory consent = _consent(9, bob, FOREVER);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotColdkey.selector, 3, bob, alice));
        metagraph.rotateHotkey(3, _hotkey(9), FOREVER, consent);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.UnknownNeuron.selector, 99));
        metagraph.rotateHotkey(99, _hotkey(9), FOREVER, consent);
    }

    function test_rotateHotkey_keyInUseLateOrWithoutConsent_reverts() public {
        bytes memory consent = _consent(9, alice, block.timestamp);
        bytes memory wrong = _consent(9, bob, FOREVER);
        address fresh = _hotkey(9);
        address used = _hotkey(0);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.HotkeyTaken.selector, used, 1));
        metagraph.rotateHotkey(3, used, FOREVER, consent);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.InvalidConsent.selector, alice, fresh, FOREVER));
        metagraph.rotateHotkey(3, fresh, FOREVER, wrong);
        vm.warp(block.timestamp + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IMetagraph.DeadlinePassed.selector, block.timestamp - 1, block.timestamp)
        );
        metagraph.rotateHotkey(3, fresh, block.timestamp - 1, consent);
    }

    function test_rotateHotkey_withAnUpdateToReveal_revertsOpenCommit() public {
        _commitUpdate(0, 3);
        bytes memory consent = _consent(9, alice, FOREVER);
        address fresh = _hotkey(9);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.OpenCommit.selector, _hotkey(0), address(updates)));
        metagraph.rotateHotkey(1, fresh, FOREVER, consent);
        _toRound(3, 50);
        _revealUpdate(0, 3);
        _rotate(alice, 1, 9);
    }

    function test_rotateHotkey_withWeightsToReveal_revertsOpenCommit() public {
        _commitWeights(2, 0, _row(2));
        bytes memory consent = _consent(9, alice, FOREVER);
        address fresh = _hotkey(9);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.OpenCommit.selector, _hotkey(2), address(weights)));
        metagraph.rotateHotkey(3, fresh, FOREVER, consent);
        _toRound(4, 0);
        _revealWeights(2, 0, _row(2));
        _rotate(alice, 3, 9);
        vm.assertTrue(weights.revealedRowHash(2, 0) != 0); // what was revealed stays
    }

    function test_rotateHotkey_replacedNeuron_revertsReplaced() public {
        for (uint256 k = 4; k < 8; k++) _register(alice, k);
        _toRound(9, 0);
        _register(alice, 8); // in place of neuron 1
        bytes memory consent = _consent(9, alice, FOREVER);
        address fresh = _hotkey(9);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.Replaced.selector, 1));
        metagraph.rotateHotkey(1, fresh, FOREVER, consent);
        vm.assertFalse(metagraph.isActive(1));
    }

    // offerColdkey and acceptColdkey

    function test_acceptColdkey_offered_movesNeuronRewardsAndOwnShares() public {
        vm.expectEmit(address(metagraph));
        emit IMetagraph.ColdkeyOffered(3, alice, bob);
        vm.prank(alice);
        metagraph.offerColdkey(3, bob);
        vm.assertEq(metagraph.coldkeyOffer(3), bob);
        vm.assertEq(metagraph.coldkeyOf(3), alice);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.ColdkeyTransferred(3, alice, bob);
        vm.expectEmit(address(stakes));
        emit IStakeManager.SharesMoved(3, alice, bob, 600e24);
        vm.prank(bob);
        metagraph.acceptColdkey(3);
        vm.assertEq(metagraph.coldkeyOf(3), bob);
        vm.assertEq(metagraph.coldkeyOffer(3), address(0));
        vm.assertEq(stakes.assetsOf(3, bob), 600e18);
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        uint256 held = token.balanceOf(bob);
        vm.assertEq(token.balanceOf(bob), held);
        vm.assertEq(emission.claim(3), token.balanceOf(bob) - held);
    }

    function test_acceptColdkey_notOfferedOrWithdrawn_revertsNotOffered() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotOffered.selector, 3, bob, address(0)));
        metagraph.acceptColdkey(3);
        vm.startPrank(alice);
        metagraph.offerColdkey(3, bob);
        metagraph.offerColdkey(3, address(0));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotOffered.selector, 3, alice, address(0)));
        metagraph.acceptColdkey(3);
        vm.stopPrank();
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotColdkey.selector, 3, bob, alice));
        metagraph.offerColdkey(3, bob);
    }

    function test_acceptColdkey_whileTheOwnersStakeWaits_revertsStillUnbonding() public {
        _unstake(alice, 3, 1e24);
        vm.prank(alice);
        metagraph.offerColdkey(3, bob);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.StillUnbonding.selector, 3, alice, GENESIS + 4 * EPOCH));
        metagraph.acceptColdkey(3);
        _toRound(12, 0);
        vm.prank(bob);
        metagraph.acceptColdkey(3);
    }

    // parameters and engine

    function test_setParameters_byTheAuthority_holdAtOnce() public {
        IMetagraph.Parameters memory p = metagraph.parameters();
        (p.minValidatorStake, p.collateral, p.maxRegistrationsPerEpoch) = (500e18, 3e18, 1);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.ParametersSet(p);
        metagraph.setParameters(p);
        vm.assertEq(keccak256(abi.encode(metagraph.parameters())), keccak256(abi.encode(p)));
        _register(alice, 4);
        (uint256 locked, ) = vault.collateralOf(5);
        vm.assertEq(locked, 3e18);
        vm.assertEq(metagraph.registrationsLeft(), 0);
        p.maxRegistrationsPerEpoch = 5;
        metagraph.setParameters(p);
        vm.assertEq(metagraph.registrationsLeft(), 4);
    }

    function test_setParameters_burnPrice_movesOnFromWhatItWas() public {
        _register(alice, 4);
        vm.warp(block.timestamp + 300);
        uint256 price = metagraph.burnPrice();
        IMetagraph.Parameters memory p = metagraph.parameters();
        p.burnHalfLife = 10;
        metagraph.setParameters(p);
        vm.assertEq(metagraph.burnPrice(), price);
        vm.warp(block.timestamp + 10);
        vm.assertApproxEqAbs(metagraph.burnPrice(), price / 2, 1);
        p.maxBurn = p.initialBurn;
        p.minBurn = p.initialBurn;
        metagraph.setParameters(p);
        vm.assertEq(metagraph.burnPrice(), p.initialBurn);
    }

    function test_setParameters_fixedOnesOrOutOfBounds_revert() public {
        IMetagraph.Parameters memory p = metagraph.parameters();
        p.maxUids--;
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.ParameterFixed.selector, 8, 10e18));
        metagraph.setParameters(p);
        p = metagraph.parameters();
        p.initialBurn++;
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.ParameterFixed.selector, 8, 10e18));
        metagraph.setParameters(p);
        p = metagraph.parameters();
        p.maxValidators = 5; // four at deployment
        vm.expectRevert(
            abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, bytes32("maxValidators"), 5, 1, 4)
        );
        metagraph.setParameters(p);
        p.maxValidators = 3;
        metagraph.setParameters(p);
        p.maxValidators = 4;
        metagraph.setParameters(p);
        p = metagraph.parameters();
        p.collateral = CAP + 1;
        vm.expectRevert(
            abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, bytes32("collateral"), CAP + 1, 0, CAP)
        );
        metagraph.setParameters(p);
        p.collateral = CAP;
        metagraph.setParameters(p);
    }

    function test_setters_byAnother_revertAccessManagedUnauthorized() public {
        IMetagraph.Parameters memory p = metagraph.parameters();
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        metagraph.setParameters(p);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        metagraph.setEpochEngine(address(engine));
    }

    function test_setEpochEngine_recordsSettlementsOfTheNewOneAlone() public {
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, bob));
        metagraph.setEpochEngine(bob);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.EpochEngineSet(address(this));
        metagraph.setEpochEngine(address(this));
        metagraph.recordSettlement(0, hex"0001000200030004");
        vm.assertEq(metagraph.incentiveOf(3), 4);
        vm.prank(address(engine));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotEpochEngine.selector, address(engine), address(this)));
        metagraph.recordSettlement(0, hex"0001000200030004");
    }

    // views

    function test_views_ofHotkeysPermitsAndOwners() public {
        address[] memory hotkeys = metagraph.hotkeysOf(0xA);
        vm.assertEq(hotkeys.length, 4);
        vm.assertEq(hotkeys[0], address(0));
        vm.assertEq(hotkeys[1], _hotkey(1));
        vm.assertEq(hotkeys[3], _hotkey(3));
        (uint256[] memory uids, uint256[] memory neuronIds) = metagraph.permittedNeurons(1);
        vm.assertEq(uids, _two(2, 3));
        vm.assertEq(neuronIds, _two(3, 4));
        (uint256 neuronId, address coldkey, uint256 registeredEpoch) = metagraph.ownerOfHotkey(_hotkey(3));
        vm.assertEq(neuronId, 4);
        vm.assertEq(coldkey, alice);
        vm.assertEq(registeredEpoch, 0);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotRegistered.selector, bob));
        metagraph.ownerOfHotkey(bob);
    }

    function _rotate(address coldkey, uint256 neuronId, uint256 index) private {
        bytes memory consent = _consent(index, coldkey, FOREVER);
        address hotkey = _hotkey(index);
        vm.prank(coldkey);
        metagraph.rotateHotkey(neuronId, hotkey, FOREVER, consent);
    }
}
