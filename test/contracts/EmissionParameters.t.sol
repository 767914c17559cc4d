// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Linked} from "../../contracts/Linked.sol";
import {IEmission} from "../../contracts/interfaces/IEmission.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice What governance changes of the emission. Neuron 1 mines, neuron 2 validates with bob's stake from epoch 0 on; a
/// full epoch's pot is 300 WEFT.
contract EmissionParametersTest is MoneySystem {
    uint256 private constant ONE = 1 << 32;
    address private carol = address(0xCA401);

    function setUp() public {
        _deploy();
        _register(alice, 0);
        _register(bob, 1);
        _stake(bob, 2, 100e18);
        vm.prank(bob);
        metagraph.claimPermit(1);
    }

    function test_setParameters_split_holdsFromTheRunningEpochOn() public {
        _toEpoch(1, 10);
        IEmission.Parameters memory p = _emissionParameters();
        (p.minerBps, p.validatorBps, p.treasuryBps) = (8000, 1000, 1000);
        vm.expectEmit(address(emission));
        emit IEmission.ParametersSet(1, p);
        emission.setParameters(p);
        vm.assertEq(keccak256(abi.encode(emission.parameters())), keccak256(abi.encode(p)));
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol); // as before
        _expectEarned(1, 123e18);
        _toEpoch(2, 200);
        _settle(1, 1, 2, carol);
        _expectEarned(1, 123e18 + 240e18);
    }

    function test_setParameters_twiceInAnEpoch_keepsWhatHeldBeforeBoth() public {
        _toEpoch(1, 10);
        IEmission.Parameters memory p = _emissionParameters();
        (p.minerBps, p.validatorBps, p.treasuryBps) = (8000, 1000, 1000);
        emission.setParameters(p);
        (p.minerBps, p.validatorBps, p.treasuryBps) = (1000, 8000, 1000);
        emission.setParameters(p);
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        _expectEarned(1, 123e18);
        _toEpoch(2, 200);
        _settle(1, 1, 2, carol);
        _expectEarned(1, 123e18 + 30e18);
    }

    function test_setParameters_treasuryAndBounty_holdAtOnce() public {
        IEmission.Parameters memory p = _emissionParameters();
        (p.treasury, p.maxBounty) = (carol, 0);
        emission.setParameters(p);
        _toEpoch(1, 200);
        _settle(0, 1, 2, alice);
        (uint256 earned, ) = emission.accountEarned(carol);
        vm.assertEq(earned, 54e18);
        (earned, ) = emission.accountEarned(treasury);
        vm.assertEq(earned, 0);
    }

    function test_setParameters_badOnes_revertByName() public {
        IEmission.Parameters memory p = _emissionParameters();
        p.baseRate++;
        vm.expectRevert(abi.encodeWithSelector(IEmission.RateFixed.selector, 1e18));
        emission.setParameters(p);
        p = _emissionParameters();
        p.minerBps++;
        vm.expectRevert(abi.encodeWithSelector(IEmission.InvalidSplit.selector, 4101, 4100, 1800));
        emission.setParameters(p);
        p = _emissionParameters();
        p.treasury = address(0);
        vm.expectRevert(abi.encodeWithSelector(IEmission.InvalidTreasury.selector, address(0)));
        emission.setParameters(p);
        p = _emissionParameters();
        p.maxBounty = CAP + 1;
        vm.expectRevert(
            abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, bytes32("maxBounty"), CAP + 1, 0, CAP)
        );
        emission.setParameters(p);
    }

    function test_setters_byAnother_revertAccessManagedUnauthorized() public {
        IEmission.Parameters memory p = _emissionParameters();
        bytes memory reason = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(reason);
        emission.setParameters(p);
        vm.expectRevert(reason);
        emission.setEpochEngine(address(this));
        vm.expectRevert(reason);
        emission.end(block.timestamp + 1);
    }

    function test_setEpochEngine_letsTheNewOneSettleAlone() public {
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        emission.setEpochEngine(alice);
        vm.expectEmit(address(emission));
        emit IEmission.EpochEngineSet(address(stakes));
        emission.setEpochEngine(address(stakes));
        _toEpoch(1, 200);
        vm.expectRevert(abi.encodeWithSelector(IEmission.NotEpochEngine.selector, address(this), address(stakes)));
        _settle(0, 1, 2, carol);
    }

    function test_end_timeAfterIt_isNotPaid() public {
        uint256 half = GENESIS + EPOCH + EPOCH / 2;
        vm.expectEmit(address(emission));
        emit IEmission.Ending(half);
        emission.end(half);
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        _expectEarned(1, 123e18);
        _toEpoch(2, 200);
        _settle(1, 1, 2, carol);
        _expectEarned(1, 123e18 + 61.5e18);
        uint256 issued = token.issued();
        _toEpoch(3, 200);
        _settle(2, 1, 2, carol);
        vm.assertEq(token.issued(), issued);
        vm.assertEq(emission.claim(1), 184.5e18);
    }

    function test_end_notAfterNowOrNotEarlier_revertsEndOutOfBounds() public {
        uint256 time = block.timestamp;
        uint256 never = type(uint64).max;
        vm.expectRevert(abi.encodeWithSelector(IEmission.EndOutOfBounds.selector, time, time, never));
        emission.end(time);
        vm.expectRevert(abi.encodeWithSelector(IEmission.EndOutOfBounds.selector, never, time, never));
        emission.end(never);
        emission.end(time + 10);
        vm.expectRevert(abi.encodeWithSelector(IEmission.EndOutOfBounds.selector, time + 10, time, time + 10));
        emission.end(time + 10);
        emission.end(time + 1);
        vm.assertEq(uint256(emission.endsAt()), time + 1);
    }

    function _expectEarned(uint256 neuronId, uint256 expected) private view {
        (uint256 earned, ) = emission.earned(neuronId);
        vm.assertEq(earned, expected);
    }
}
