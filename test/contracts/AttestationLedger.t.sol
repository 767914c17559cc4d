// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationLedger} from "../../contracts/interfaces/IAttestationLedger.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IPhased} from "../../contracts/interfaces/IPhased.sol";
import {RoundClock} from "../../contracts/libraries/RoundClock.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

contract AttestationLedgerTest is RunSystem {
    uint256 private constant BITMAP = 3;

    function setUp() public {
        _deployRun();
    }

    function test_constructor_takesTheClockOfTheMetagraph() public view {
        vm.assertEq(RoundClock.unwrap(attestations.clock()), RoundClock.unwrap(clock));
    }

    function test_attest_permittedInThePhase_isEmitted() public {
        _toRound(0, 75);
        vm.expectEmit(address(attestations));
        emit IAttestationLedger.Attested(0, 3, 2, BITMAP);
        _attest(2, 0);
        _toRound(0, 99);
        _attest(3, 0);
    }

    function test_attest_beforeThePhase_revertsWrongPhase() public {
        _toRound(0, 74);
        _expectRevert(2, 0, abi.encodeWithSelector(IPhased.WrongPhase.selector, 74, 75, 100));
    }

    function test_attest_afterTheRound_revertsWrongRound() public {
        _toRound(1, 0);
        _expectRevert(2, 0, abi.encodeWithSelector(IPhased.WrongRound.selector, 0, 1));
    }

    function test_attest_unregistered_revertsNotRegistered() public {
        _toRound(0, 75);
        _expectRevert(9, 0, abi.encodeWithSelector(IMetagraph.NotRegistered.selector, _hotkey(9)));
    }

    function test_attest_withoutPermit_revertsNotPermitted() public {
        _toRound(4, 75);
        _expectRevert(0, 4, abi.encodeWithSelector(IMetagraph.NotPermitted.selector, 0, 1));
    }

    function test_attest_permitOfTheNextEpoch_countsFromThatEpochOn() public {
        _toRound(2, 75);
        _stake(alice, 1, 300e18);
        _claimPermit(0);
        _expectRevert(0, 2, abi.encodeWithSelector(IMetagraph.NotPermitted.selector, 0, 0));
        _toRound(3, 75);
        _attest(0, 3);
    }

    function _attest(uint256 uid, uint256 round) private {
        vm.prank(_hotkey(uid));
        attestations.attest(round, BITMAP);
    }

    function _expectRevert(uint256 uid, uint256 round, bytes memory reason) private {
        vm.prank(_hotkey(uid));
        vm.expectRevert(reason);
        attestations.attest(round, BITMAP);
    }
}
