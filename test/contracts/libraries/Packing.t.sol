// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CommitStatus, CommitWord, CommitWordLibrary} from "../../../contracts/libraries/CommitWord.sol";
import {PackedU16} from "../../../contracts/libraries/PackedU16.sol";
import {PackedU64} from "../../../contracts/libraries/PackedU64.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

/// Opens the libraries, so that their reverts can be expected.
contract PackingHarness {
    function pack16(uint256[] memory shares) external pure returns (bytes memory) {
        return PackedU16.packSharesDown(shares);
    }

    function pack64(uint256[] memory values) external pure returns (bytes memory) {
        return PackedU64.pack(values);
    }
}

contract PackingTest is WeftTest {
    PackingHarness private harness = new PackingHarness();

    // PackedU16

    function testFuzz_packSharesDown_anyShares_areTheirPartsOf65535(uint32[] memory values) public pure {
        uint256[] memory shares = new uint256[](values.length);
        bytes memory expected;
        for (uint256 k = 0; k < shares.length; k++) {
            shares[k] = values[k];
            // safe: a share below one is at most 65534 of 65535
            expected = bytes.concat(expected, bytes2(uint16((shares[k] * 65_535) >> 32)));
        }
        vm.assertEq(keccak256(PackedU16.packSharesDown(shares)), keccak256(expected));
    }

    function test_packSharesDown_one_is65535AndMoreRevertsShareTooLarge() public {
        uint256[] memory shares = new uint256[](3);
        shares[1] = 1 << 32;
        vm.assertEq(keccak256(harness.pack16(shares)), keccak256(hex"0000ffff0000"));
        shares[1] = (1 << 32) + 1;
        vm.expectRevert(abi.encodeWithSelector(PackedU16.ShareTooLarge.selector, 1, (1 << 32) + 1));
        harness.pack16(shares);
    }

    function test_pack_listsAfterOneAnother_doNotTouchEachOther() public pure {
        uint256[] memory shares = new uint256[](3);
        shares[2] = 1 << 32;
        bytes memory first = PackedU64.pack(shares);
        bytes memory second = PackedU16.packSharesDown(shares);
        bytes memory third = PackedU64.pack(shares);
        vm.assertEq(keccak256(first), keccak256(third));
        vm.assertEq(keccak256(second), keccak256(hex"00000000ffff"));
        vm.assertEq(third.length, 24);
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
