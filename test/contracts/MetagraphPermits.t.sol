// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {PermitRingLib} from "../../contracts/libraries/PermitRing.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice claimPermit and what reads permits. Four neurons (ids 1 to 4 on uids 0 to 3), two permits.
contract MetagraphPermitsTest is MoneySystem {
    uint256 private constant NOBODY = type(uint256).max;

    function setUp() public {
        _deploy();
        for (uint256 i = 0; i < 4; i++) {
            _register(alice, i);
        }
    }

    function _claim(uint256 uid) private {
        vm.prank(_hotkey(uid));
        metagraph.claimPermit(uid);
    }

    function _permitted(uint256 uid, uint256 epoch) private view returns (bool) {
        try metagraph.permittedNeuronOf(_hotkey(uid), epoch) returns (uint256 id, uint256 itsUid) {
            vm.assertEq(id, uid + 1);
            vm.assertEq(itsUid, uid);
            return true;
        } catch {
            return false;
        }
    }

    function test_claimPermit_beforeGenesis_holdsFromEpochZero() public {
        _stake(bob, 1, 100e18);
        vm.assertEq(metagraph.firstPermitEpoch(), NOBODY);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.PermitClaimed(0, 1, 0, 1, NOBODY);
        _claim(0);
        vm.assertEq(metagraph.permitsAt(0), 1);
        vm.assertEq(metagraph.firstPermitEpoch(), 0);
        vm.assertTrue(_permitted(0, 0));
    }

    function test_claimPermit_afterGenesis_holdsFromTheNextEpoch() public {
        _stake(bob, 2, 100e18);
        _toEpoch(0, 0);
        vm.prank(alice); // the coldkey
        metagraph.claimPermit(1);
        vm.assertEq(metagraph.permitsAt(0), 0);
        vm.assertEq(metagraph.permitsAt(1), 2);
        vm.assertEq(metagraph.permitsAt(100), 2);
        vm.assertEq(metagraph.firstPermitEpoch(), 1);
        vm.assertFalse(_permitted(1, 0));
        vm.assertTrue(_permitted(1, 1));
    }

    function test_claimPermit_uidNobodyHolds_revertsUnknownUid() public {
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.UnknownUid.selector, 4, 4));
        metagraph.claimPermit(4);
    }

    function test_claimPermit_byAnother_revertsNotOperator() public {
        _stake(bob, 1, 100e18);
        vm.prank(_hotkey(1));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotOperator.selector, 1, _hotkey(1)));
        metagraph.claimPermit(0);
    }

    function test_claimPermit_again_revertsAlreadyPermitted() public {
        _stake(bob, 1, 100e18);
        _claim(0);
        vm.prank(_hotkey(0));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.AlreadyPermitted.selector, 0, 0));
        metagraph.claimPermit(0);
        _toEpoch(5, 0);
        vm.prank(_hotkey(0));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.AlreadyPermitted.selector, 0, 6));
        metagraph.claimPermit(0);
    }

    function test_claimPermit_oneWeiShort_revertsStakeBelowMinimum() public {
        _stake(bob, 1, 100e18 - 1);
        vm.prank(_hotkey(0));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.StakeBelowMinimum.selector, 1, 100e18 - 1, 100e18));
        metagraph.claimPermit(0);
        _stake(bob, 1, 1);
        _claim(0);
    }

    function test_claimPermit_fullAndNotMoreThanTheLowest_revertsPermitsFull() public {
        _stake(bob, 1, 200e18);
        _stake(bob, 2, 150e18);
        _stake(bob, 3, 150e18);
        _claim(0);
        _claim(1);
        vm.prank(_hotkey(2));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.PermitsFull.selector, 150e18, 150e18));
        metagraph.claimPermit(2);
    }

    function test_claimPermit_fullAndMoreThanTheLowest_evictsItAtTheNextEpoch() public {
        _stake(bob, 1, 200e18);
        _stake(bob, 2, 150e18);
        _stake(bob, 3, 150e18 + 1);
        _claim(0);
        _claim(1);
        _toEpoch(2, 10);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.PermitClaimed(2, 3, 3, 5, 1);
        _claim(2);
        vm.assertEq(metagraph.permitsAt(2), 3);
        vm.assertEq(metagraph.permitsAt(3), 5);
        vm.assertTrue(_permitted(1, 2));
        vm.assertFalse(_permitted(1, 3));
        vm.assertFalse(_permitted(2, 2));
        vm.assertTrue(_permitted(2, 3));
    }

    function test_claimPermit_equalLowestHolders_evictsTheLaterRegistered() public {
        _stake(bob, 1, 100e18);
        _stake(bob, 2, 100e18);
        _stake(bob, 3, 101e18);
        _claim(1);
        _claim(0);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.PermitClaimed(2, 3, 0, 5, 1);
        _claim(2);
    }

    function test_claimPermit_evictedAndBackInTheSameEpoch_neverLostIt() public {
        _stake(bob, 1, 200e18);
        _stake(bob, 2, 150e18);
        _stake(bob, 3, 160e18);
        _claim(0);
        _claim(1);
        _toEpoch(2, 0);
        _claim(2);
        _stake(bob, 2, 50e18);
        _claim(1);
        vm.assertTrue(_permitted(1, 0));
        vm.assertTrue(_permitted(1, 2));
        vm.assertTrue(_permitted(1, 3));
        vm.assertFalse(_permitted(2, 3));
    }

    function test_claimPermit_evictedAndBackAnEpochLater_holdsBothSpans() public {
        _stake(bob, 1, 200e18);
        _stake(bob, 2, 150e18);
        _stake(bob, 3, 160e18);
        _claim(0);
        _claim(1);
        _toEpoch(2, 0);
        _claim(2);
        _toEpoch(3, 0);
        _stake(bob, 2, 50e18);
        _claim(1);
        vm.assertTrue(_permitted(1, 2));
        vm.assertFalse(_permitted(1, 3));
        vm.assertTrue(_permitted(1, 4));
    }

    function test_permittedNeuronOf_unregisteredOrUnpermitted_revertsWithTheReason() public {
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotRegistered.selector, bob));
        metagraph.permittedNeuronOf(bob, 0);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotPermitted.selector, 3, 0));
        metagraph.permittedNeuronOf(_hotkey(3), 0);
    }

    function test_permitsAt_fifthWord_forgetsTheFirst() public {
        _stake(bob, 1, 100e18);
        _stake(bob, 2, 100e18);
        _claim(0);
        _toEpoch(2, 0);
        _claim(1); // word of epoch 3
        _raise(4, 3, 2, 101e18); // words of epochs 5 and 8: four words kept
        _raise(7, 4, 3, 102e18);
        vm.assertEq(metagraph.permitsAt(0), 1);
        _raise(9, 2, 1, 103e18);
        vm.expectRevert(abi.encodeWithSelector(PermitRingLib.PermitsNotKept.selector, 2, 3));
        metagraph.permitsAt(2);
        vm.assertEq(metagraph.permitsAt(3), 3);
        vm.assertEq(metagraph.permitsAt(4), 3);
        vm.assertEq(metagraph.permitsAt(5), 5);
        vm.assertEq(metagraph.permitsAt(8), 12);
        vm.assertEq(metagraph.permitsAt(10), 10);
        vm.assertEq(metagraph.firstPermitEpoch(), 0);
    }

    /// @dev In `epoch` tops the neuron's pool up to `stake` and claims for it.
    function _raise(uint256 epoch, uint256 neuronId, uint256 uid, uint256 stake) private {
        _toEpoch(epoch, 0);
        _stake(bob, neuronId, stake - stakes.poolAssets(neuronId));
        _claim(uid);
    }

    function test_register_uidPermittedInPreviousCurrentOrNextEpoch_isNotReplaced() public {
        IMetagraph.Parameters memory p = _metagraphParameters();
        (p.maxUids, p.maxValidators, p.minNonImmune) = (2, 1, 0);
        _deploy(p, _emissionParameters());
        _register(alice, 0);
        _register(alice, 1);
        _stake(bob, 1, 100e18);
        _claim(0);
        _stake(bob, 2, 101e18);
        _toEpoch(3, 0);
        _claim(1); // uid 0 is permitted up to epoch 3, uid 1 from epoch 4 on
        bytes memory consent = _consent(2, alice, FOREVER);
        for (uint256 epoch = 3; epoch <= 4; epoch++) {
            _toEpoch(epoch, 0);
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(IMetagraph.NoReplaceableUid.selector, 2, 0));
            metagraph.register(_hotkey(2), FOREVER, FOREVER, consent);
        }
        _toEpoch(5, 0);
        (, uint256 uid) = _register(alice, 2);
        vm.assertEq(uid, 0);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotPermitted.selector, 0, 3)); // its forerunner's permit
        metagraph.permittedNeuronOf(_hotkey(2), 3);
    }
}
