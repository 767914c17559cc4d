// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The tree of 1 KiB slices under an update's dataRoot: leaf keccak256(0x00 ‖ index u32 ‖ count u32 ‖ length u16 ‖
/// keccak256(slice)), node keccak256(0x01 ‖ left ‖ right), an odd node moves up. All slices are full but the last.
library MerkleSlices {
    uint256 internal constant SLICE_BYTES = 1024;

    /// @notice The index is not below the number of slices.
    error SliceOutOfBounds(uint256 index, uint256 count);

    /// @notice The slice at `index` has another length.
    error WrongSliceLength(uint256 index, uint256 given, uint256 expected);

    /// @notice The proof has another number of nodes than the way from the leaf to the root.
    error WrongProofLength(uint256 given, uint256 expected);

    /// @notice Number of slices of `size` bytes.
    function countOf(uint256 size) internal pure returns (uint256) {
        return (size + SLICE_BYTES - 1) / SLICE_BYTES;
    }

    /// @notice Root of the tree over `size` < 2^42 bytes in which `slice` stands at `index`.
    /// @param proof Siblings from the leaf up; a node that moves up has none.
    function rootOf(
        uint256 size,
        uint256 index,
        bytes calldata slice,
        bytes32[] calldata proof
    ) internal pure returns (bytes32 root) {
        uint256 count = countOf(size);
        if (index >= count) revert SliceOutOfBounds(index, count);
        uint256 expected = index == count - 1 ? size - index * SLICE_BYTES : SLICE_BYTES;
        if (slice.length != expected) revert WrongSliceLength(index, slice.length, expected);
        // safe: index < count ≤ 2^32, the length at most 1,024
        root = keccak256(abi.encodePacked(bytes1(0), uint32(index), uint32(count), uint16(expected), keccak256(slice)));
        uint256 used = 0;
        for (uint256 width = count; width > 1; (width, index) = ((width + 1) / 2, index / 2)) {
            if (index == width - 1 && width % 2 == 1) continue;
            if (used == proof.length) revert WrongProofLength(proof.length, used + 1);
            bytes32 sibling = proof[used++];
            root = index % 2 == 0 ? _node(root, sibling) : _node(sibling, root);
        }
        if (used != proof.length) revert WrongProofLength(proof.length, used);
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
