// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MerkleSlices} from "../../../contracts/libraries/MerkleSlices.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

/// @notice Content of 2,500 bytes: slices of 1,024, 1,024 and 452. Longer ones: `AvailabilityChallenge.t.sol` and the
/// TypeScript side's `dataRoot.test.ts`.
contract MerkleSlicesTest is WeftTest {
    uint256 private constant SIZE = 2500;
    uint256 private constant LAST = 452;

    function rootOf(
        uint256 size,
        uint256 index,
        bytes calldata slice,
        bytes32[] calldata proof
    ) external pure returns (bytes32) {
        return MerkleSlices.rootOf(size, index, slice, proof);
    }

    function test_countOf_bothSidesOfASlice() public pure {
        vm.assertEq(MerkleSlices.countOf(0), 0);
        vm.assertEq(MerkleSlices.countOf(1), 1);
        vm.assertEq(MerkleSlices.countOf(1024), 1);
        vm.assertEq(MerkleSlices.countOf(1025), 2);
    }

    function test_rootOf_eachSliceWithItsSiblings_isTheSameRoot() public view {
        bytes32[3] memory leaves = [_leaf(0, 1024), _leaf(1, 1024), _leaf(2, LAST)];
        bytes32 left = _node(leaves[0], leaves[1]);
        bytes32 root = _node(left, leaves[2]);
        vm.assertEq(this.rootOf(SIZE, 0, new bytes(1024), _proof(leaves[1], leaves[2])), root);
        vm.assertEq(this.rootOf(SIZE, 1, new bytes(1024), _proof(leaves[0], leaves[2])), root);
        bytes32[] memory alone = new bytes32[](1);
        alone[0] = left;
        vm.assertEq(this.rootOf(SIZE, 2, new bytes(LAST), alone), root);
    }

    function test_rootOf_sliceBeyondTheLast_revertsSliceOutOfBounds() public {
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.SliceOutOfBounds.selector, 3, 3));
        this.rootOf(SIZE, 3, new bytes(LAST), new bytes32[](1));
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.SliceOutOfBounds.selector, 0, 0));
        this.rootOf(0, 0, "", new bytes32[](0));
    }

    function test_rootOf_sliceOfAnotherLength_revertsWrongSliceLength() public {
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.WrongSliceLength.selector, 2, 1024, LAST));
        this.rootOf(SIZE, 2, new bytes(1024), new bytes32[](1));
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.WrongSliceLength.selector, 0, LAST, 1024));
        this.rootOf(SIZE, 0, new bytes(LAST), new bytes32[](2));
    }

    function test_rootOf_siblingsTooFewOrTooMany_revertsWrongProofLength() public {
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.WrongProofLength.selector, 1, 2));
        this.rootOf(SIZE, 0, new bytes(1024), new bytes32[](1));
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.WrongProofLength.selector, 3, 2));
        this.rootOf(SIZE, 0, new bytes(1024), new bytes32[](3));
    }

    function _leaf(uint32 index, uint256 length) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0), index, uint32(3), uint16(length), keccak256(new bytes(length))));
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    function _proof(bytes32 first, bytes32 second) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](2);
        (proof[0], proof[1]) = (first, second);
    }
}
