// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title PackedU64
/// @notice Lists of u64 as bytes: value k is the eight big-endian bytes at 8k.
library PackedU64 {
    error ValueTooLarge(uint256 index, uint256 value);

    function pack(uint256[] memory values) internal pure returns (bytes memory packed) {
        packed = new bytes(8 * values.length);
        for (uint256 k = 0; k < values.length; ++k) {
            uint256 value = values[k];
            if (value > type(uint64).max) revert ValueTooLarge(k, value);
            // Each cast keeps the lowest byte on purpose.
            for (uint256 b = 8; b > 0; --b) {
                packed[8 * k + b - 1] = bytes1(uint8(value));
                value >>= 8;
            }
        }
    }
}
