// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClockLens} from "../../../contracts/lens/RoundClockLens.sol";
import {IRoundClockLens} from "../../../contracts/interfaces/IRoundClockLens.sol";
import {RoundClock, RoundClockLib} from "../../../contracts/libraries/RoundClock.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract RoundClockLensTest is WeftTest {
    RoundClockLens private lens = new RoundClockLens();

    function testFuzz_pack_validFields_unpackToTheSame(IRoundClockLens.Fields memory fields) public view {
        fields.genesis = uint64(_bound(fields.genesis, 1, type(uint64).max));
        fields.period = uint32(_bound(fields.period, 3, type(uint32).max));
        fields.revealSeconds = uint32(_bound(fields.revealSeconds, 2, fields.period - 1));
        fields.commitSeconds = uint32(_bound(fields.commitSeconds, 1, fields.revealSeconds - 1));
        fields.tempo = uint16(_bound(fields.tempo, 3, type(uint16).max));
        IRoundClockLens.Fields memory again = lens.unpack(lens.pack(fields));
        vm.assertEq(keccak256(abi.encode(again)), keccak256(abi.encode(fields)));
    }

    function test_pack_noClock_revertsInvalidClock() public {
        IRoundClockLens.Fields memory fields = IRoundClockLens.Fields(1, 100, 50, 50, 3);
        RoundClock word = RoundClockLib.pack(1, 100, 50, 50, 3);
        vm.expectRevert(abi.encodeWithSelector(RoundClockLib.InvalidClock.selector, word));
        lens.pack(fields);
    }
}
