// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BitList} from "./BitList.sol";

/// @notice Who holds each uid and since when, four uids in one word, lane uid mod 4 from the lowest bits.
/// A lane: neuronId u36 | registeredEpoch u28. At most 256 registrations an epoch keep neuronIds below 2^36 for as long
/// as epochs are below 2^28.
library UidSlots {
    /// @notice The epoch no longer fits its lane.
    error EpochTooLate(uint256 epoch, uint256 maximum);

    uint256 private constant LANE = type(uint64).max;
    uint256 private constant ID_BITS = 36;
    uint256 private constant ID_MASK = 0xfffffffff; // a literal, because assembly reads no other constants
    uint256 private constant MAX_EPOCH = (1 << 28) - 1;

    /// @notice Neuron on `uid` (0: none) and the epoch it registered in.
    function holderOf(uint256[64] storage self, uint256 uid) internal view returns (uint256 neuronId, uint256 epoch) {
        uint256 lane = (self[uid / 4] >> (64 * (uid % 4))) & LANE;
        return (lane & ID_MASK, lane >> ID_BITS);
    }

    /// @notice Puts `neuronId` on `uid`.
    function put(uint256[64] storage self, uint256 uid, uint256 neuronId, uint256 epoch) internal {
        if (epoch > MAX_EPOCH) revert EpochTooLate(epoch, MAX_EPOCH);
        uint256 shift = 64 * (uid % 4);
        self[uid / 4] = (self[uid / 4] & ~(LANE << shift)) | ((neuronId | (epoch << ID_BITS)) << shift);
    }

    /// @notice The uids set in `word` (bit uid), ascending, and the neurons on them. Reads each word of slots once.
    function neuronsOf(
        uint256[64] storage self,
        uint256 word
    ) internal view returns (uint256[] memory uids, uint256[] memory ids) {
        uids = BitList.positions(word);
        ids = new uint256[](uids.length);
        // memory-safe: as many words are written as `ids` was allocated for.
        assembly ("memory-safe") {
            let from := add(uids, 32)
            let read := not(0)
            let slot := 0
            for {
                let to := add(ids, 32)
                let end := add(from, shl(5, mload(uids)))
            } lt(from, end) {
                from := add(from, 32)
                to := add(to, 32)
            } {
                let uid := mload(from)
                if iszero(eq(shr(2, uid), read)) {
                    read := shr(2, uid)
                    slot := sload(add(self.slot, read))
                }
                mstore(to, and(shr(shl(6, and(uid, 3)), slot), ID_MASK))
            }
        }
    }

    /// @notice The neurons on uids 0 to `count` − 1, at most 256.
    function neuronIds(uint256[64] storage self, uint256 count) internal view returns (uint256[] memory ids) {
        // memory-safe: room for whole words of four is taken, the list's length says how many of them count.
        assembly ("memory-safe") {
            ids := mload(0x40)
            mstore(ids, count)
            let to := add(ids, 32)
            let end := add(to, shl(5, count))
            for {
                let slot := self.slot
            } lt(to, end) {
                slot := add(slot, 1)
                to := add(to, 128)
            } {
                let word := sload(slot)
                mstore(to, and(word, ID_MASK))
                mstore(add(to, 32), and(shr(64, word), ID_MASK))
                mstore(add(to, 64), and(shr(128, word), ID_MASK))
                mstore(add(to, 96), and(shr(192, word), ID_MASK))
            }
            mstore(0x40, to)
        }
    }
}
