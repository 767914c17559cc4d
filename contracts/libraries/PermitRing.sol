// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice The last four distinct permit words with the epoch each took effect in. `meta`, from the lowest bits:
/// four fromEpochs u32, newest first | firstEpoch u32 | number of words ever pushed u64. Word n lies at n mod 4.
struct PermitRing {
    uint256 meta;
    uint256[4] words;
}

using PermitRingLib for PermitRing global;

/// @notice Reads and writes a `PermitRing`. Every write takes effect in the newest entry's epoch or a later one.
library PermitRingLib {
    /// @notice The permits of `epoch` are no longer kept; the oldest kept are those of `oldestEpoch`.
    error PermitsNotKept(uint256 epoch, uint256 oldestEpoch);

    uint256 private constant KEPT = 4;
    uint256 private constant FROM_EPOCHS = type(uint128).max;

    /// @notice Permits of `epoch`; 0 before the first.
    function wordAt(PermitRing storage self, uint256 epoch) internal view returns (uint256) {
        uint256 meta = self.meta;
        uint256 pushed = meta >> 160;
        uint256 from;
        for (uint256 i = 0; i < KEPT && i < pushed; i++) {
            from = (meta >> (32 * i)) & type(uint32).max;
            if (from <= epoch) return self.words[(pushed - 1 - i) % KEPT];
        }
        if (pushed > KEPT) revert PermitsNotKept(epoch, from);
        return 0;
    }

    /// @notice The epoch of the first permit; max uint256 while there was none.
    function firstEpoch(PermitRing storage self) internal view returns (uint256) {
        uint256 meta = self.meta;
        return meta >> 160 == 0 ? type(uint256).max : (meta >> 128) & type(uint32).max;
    }

    /// @notice Sets the permits from `fromEpoch` < 2^32 on.
    function set(PermitRing storage self, uint256 fromEpoch, uint256 word) internal {
        uint256 meta = self.meta;
        uint256 pushed = meta >> 160;
        if (pushed == 0 || meta & type(uint32).max != fromEpoch) {
            uint256 first = pushed == 0 ? fromEpoch : (meta >> 128) & type(uint32).max;
            uint256 epochs = (((meta & FROM_EPOCHS) << 32) & FROM_EPOCHS) | fromEpoch;
            pushed++;
            self.meta = epochs | (first << 128) | (pushed << 160);
        }
        self.words[(pushed - 1) % KEPT] = word;
    }
}
