// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommitStatus, CommitWord, CommitWordLibrary} from "../../../contracts/libraries/CommitWord.sol";
import {PackedU16} from "../../../contracts/libraries/PackedU16.sol";
import {PackedU64} from "../../../contracts/libraries/PackedU64.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

/// Opens the libraries, so that their reverts can be expected.
contract PackingHarness {
    function pack16(uint256[] memory values) external pure returns (bytes memory) {
        return PackedU16.pack(values);
    }

    function pack64(uint256[] memory values) external pure returns (bytes memory) {
        return PackedU64.pack(values);
    }

    function unpack(bytes memory packed, uint256 first, uint256 count) external pure returns (uint256[] memory) {
        return PackedU16.unpack(packed, first, count, count);
    }
}

contract PackingTest is WeftTest {
    PackingHarness private harness = new PackingHarness();

    // PackedU16

    function testFuzz_u16_packed_unpacksToTheSame(uint16[] memory values) public pure {
        uint256[] memory wide = _wide(values);
        uint256[] memory again = PackedU16.unpack(PackedU16.pack(wide), 0, wide.length, wide.length);
        vm.assertEq(again, wide);
    }

    function testFuzz_u16_partOfAList_isPaddedWithZeros(
        uint16[8] memory values,
        uint256 first,
        uint256 count
    ) public pure {
        first = _bound(first, 0, 8);
        count = _bound(count, 0, 8 - first);
        bytes memory packed;
        for (uint256 k = 0; k < 8; k++) packed = bytes.concat(packed, bytes2(values[k]));
        uint256[] memory part = PackedU16.unpack(packed, first, count, 9);
        for (uint256 k = 0; k < 9; k++) vm.assertEq(part[k], k < count ? values[first + k] : 0);
    }

    function test_u16_rows_areOneAfterTheOther() public pure {
        uint256[][] memory rows = new uint256[][](2);
        (rows[0], rows[1]) = (new uint256[](2), new uint256[](2));
        (rows[0][0], rows[0][1], rows[1][0], rows[1][1]) = (0x0102, 3, 4, 0xffff);
        vm.assertEq(keccak256(PackedU16.pack(rows)), keccak256(hex"010200030004ffff"));
        vm.assertEq(PackedU16.pack(new uint256[][](0)).length, 0);
    }

    function test_u16_valueTooLarge_revertsValueTooLarge() public {
        uint256[] memory values = new uint256[](2);
        values[1] = 65_535;
        harness.pack16(values);
        values[1] = 65_536;
        vm.expectRevert(abi.encodeWithSelector(PackedU16.ValueTooLarge.selector, 1, 65_536));
        harness.pack16(values);
    }

    function test_u16_listTooShort_panics() public {
        harness.unpack(hex"00010002", 1, 1);
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        harness.unpack(hex"00010002", 1, 2);
    }

    // PackedU64

    function testFuzz_u64_packed_isBigEndian(uint64 a, uint64 b) public pure {
        uint256[] memory values = new uint256[](2);
        (values[0], values[1]) = (a, b);
        vm.assertEq(keccak256(PackedU64.pack(values)), keccak256(abi.encodePacked(a, b)));
    }

    function test_u64_valueTooLarge_revertsValueTooLarge() public {
        uint256[] memory values = new uint256[](1);
        values[0] = type(uint64).max;
        harness.pack64(values);
        values[0]++;
        vm.expectRevert(abi.encodeWithSelector(PackedU64.ValueTooLarge.selector, 0, values[0]));
        harness.pack64(values);
    }

    // CommitWord

    function testFuzz_commitWord_ofItsPeriod_holdsStatusAndHash(uint32 period, uint8 status, bytes32 hash) public pure {
        CommitStatus given = CommitStatus(_bound(status, 0, 2));
        CommitWord word = CommitWordLibrary.pack(period, given, hash);
        (CommitStatus kept, bytes32 keptHash) = word.stateAt(period);
        vm.assertEq(uint256(kept), uint256(given));
        vm.assertEq(keptHash, CommitWordLibrary.truncate(hash));
        vm.assertEq(uint256(keptHash ^ hash) >> 40, 0);
    }

    function testFuzz_commitWord_ofAnotherPeriod_holdsNothing(uint32 period, uint32 other, bytes32 hash) public pure {
        if (period == other) other ^= 1;
        (CommitStatus status, bytes32 kept) = CommitWordLibrary.pack(period, CommitStatus.Committed, hash).stateAt(
            other
        );
        vm.assertEq(uint256(status), uint256(CommitStatus.None));
        vm.assertEq(kept, bytes32(0));
    }

    function test_commitWord_fresh_isNone() public pure {
        (CommitStatus status, ) = CommitWord.wrap(0).stateAt(0);
        vm.assertEq(uint256(status), uint256(CommitStatus.None));
    }

    function _wide(uint16[] memory values) private pure returns (uint256[] memory wide) {
        wide = new uint256[](values.length);
        for (uint256 k = 0; k < values.length; k++) wide[k] = values[k];
    }
}
