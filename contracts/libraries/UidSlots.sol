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
    uint256 private constant ID_MASK = (1 << ID_BITS) - 1;
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
        uint256 read = type(uint256).max;
        uint256 slot;
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 uid = uids[i];
            if (uid / 4 != read) (read, slot) = (uid / 4, self[uid / 4]);
            ids[i] = (slot >> (64 * (uid % 4))) & ID_MASK;
        }
    }

    /// @notice The neurons on uids 0 to `count` − 1.
    function neuronIds(uint256[64] storage self, uint256 count) internal view returns (uint256[] memory ids) {
        ids = new uint256[](count);
        uint256 word;
        for (uint256 uid = 0; uid < count; uid++) {
            if (uid % 4 == 0) word = self[uid / 4];
            ids[uid] = (word >> (64 * (uid % 4))) & ID_MASK;
        }
    }
}
