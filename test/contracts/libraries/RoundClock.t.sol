// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Phase, RoundClock, RoundClockLib} from "../../../contracts/libraries/RoundClock.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract RoundClockTest is WeftTest {
    RoundClock private clock = RoundClockLib.pack(1000, 100, 50, 75, 3);

    function validate(RoundClock c) external pure returns (RoundClock) {
        return c.validate();
    }

    function roundAt(uint256 time) external view returns (uint256) {
        return clock.roundAt(time);
    }

    function phaseAt(uint256 time) external view returns (Phase) {
        return clock.phaseAt(time);
    }

    function _rejects(RoundClock c) private {
        vm.expectRevert(abi.encodeWithSelector(RoundClockLib.InvalidClock.selector, RoundClock.unwrap(c)));
        this.validate(c);
    }

    function testFuzz_pack_fields_readBack(uint64 g, uint32 p, uint32 c, uint32 v, uint16 t) public pure {
        RoundClock packed = RoundClockLib.pack(g, p, c, v, t);
        vm.assertEq(packed.genesis(), g);
        vm.assertEq(packed.period(), p);
        vm.assertEq(packed.commitSeconds(), c);
        vm.assertEq(packed.revealSeconds(), v);
        vm.assertEq(packed.tempo(), t);
    }

    function test_validate_smallestClock_passes() public view {
        RoundClock smallest = RoundClockLib.pack(1, 3, 1, 2, 3);
        vm.assertEq(RoundClock.unwrap(this.validate(smallest)), RoundClock.unwrap(smallest));
    }

    function test_validate_eachFieldOneTooFar_revertsInvalidClock() public {
        _rejects(RoundClockLib.pack(0, 3, 1, 2, 3));
        _rejects(RoundClockLib.pack(1, 2, 1, 2, 3));
        _rejects(RoundClockLib.pack(1, 3, 0, 2, 3));
        _rejects(RoundClockLib.pack(1, 3, 1, 1, 3));
        _rejects(RoundClockLib.pack(1, 3, 1, 2, 2));
        _rejects(RoundClock.wrap(RoundClock.unwrap(RoundClockLib.pack(1, 3, 1, 2, 3)) | (1 << 176)));
    }

    function test_roundAt_secondBeforeGenesis_revertsBeforeGenesis() public {
        vm.expectRevert(abi.encodeWithSelector(RoundClockLib.BeforeGenesis.selector, 999, 1000));
        this.roundAt(999);
    }

    function test_roundAt_bothSidesOfABoundary_areNeighbours() public view {
        vm.assertEq(this.roundAt(1000), 0);
        vm.assertEq(this.roundAt(1099), 0);
        vm.assertEq(this.roundAt(1100), 1);
    }

    function test_phaseAt_bothSidesOfEachBoundary_changes() public view {
        vm.assertTrue(this.phaseAt(1000) == Phase.Commit);
        vm.assertTrue(this.phaseAt(1049) == Phase.Commit);
        vm.assertTrue(this.phaseAt(1050) == Phase.Reveal);
        vm.assertTrue(this.phaseAt(1074) == Phase.Reveal);
        vm.assertTrue(this.phaseAt(1075) == Phase.Attest);
        vm.assertTrue(this.phaseAt(1099) == Phase.Attest);
        vm.assertTrue(this.phaseAt(1100) == Phase.Commit);
    }

    function test_phaseAt_secondBeforeGenesis_revertsBeforeGenesis() public {
        vm.expectRevert(abi.encodeWithSelector(RoundClockLib.BeforeGenesis.selector, 999, 1000));
        this.phaseAt(999);
    }

    function test_offsetIn_roundsThatWereNotOrCannotBe_isBeyondAnyPeriod() public view {
        vm.assertEq(clock.offsetIn(2, 1250), 50);
        vm.assertGt(clock.offsetIn(3, 1299), type(uint128).max);
        vm.assertGt(clock.offsetIn(type(uint64).max, 1000), type(uint128).max);
        vm.assertEq(clock.offsetIn(1 << 64, 1000), type(uint256).max);
        vm.assertEq(clock.offsetIn(type(uint256).max, 1000), type(uint256).max);
    }

    function test_epochAt_bothSidesOfGenesisAndBoundary() public view {
        vm.assertEq(clock.epochAt(0), 0);
        vm.assertEq(clock.epochAt(999), 0);
        vm.assertEq(clock.epochAt(1299), 0);
        vm.assertEq(clock.epochAt(1300), 1);
        vm.assertEq(clock.epochStart(1), 1300);
        vm.assertEq(clock.epochSeconds(), 300);
    }

    function testFuzz_roundAt_time_liesInsideItsRoundAndEpoch(uint256 time) public view {
        time = _bound(time, 1000, type(uint128).max);
        uint256 round = clock.roundAt(time);
        vm.assertLe(clock.start(round), time);
        vm.assertLt(time, clock.start(round + 1));
        vm.assertEq(clock.epochOf(round), clock.epochAt(time));
    }
}
