// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title PackedU64
/// @notice Lists of u64 as bytes: value k is the eight big-endian bytes at 8k.
library PackedU64 {
    error ValueTooLarge(uint256 index, uint256 value);

    /// @notice `values` as bytes.
    function pack(uint256[] memory values) internal pure returns (bytes memory packed) {
        uint256 length = values.length;
        uint256 all = 0;
        assembly ("memory-safe") {
            packed := mload(0x40)
            mstore(packed, shl(3, length))
            let to := add(packed, 32)
            let from := add(values, 32)
            for {
                let end := add(from, shl(5, length))
            } lt(from, end) {
                from := add(from, 32)
                to := add(to, 8)
            } {
                let value := mload(from)
                all := or(all, value)
                mstore(to, shl(192, value)) // the 24 bytes beyond are the next values, or spare
            }
            mstore(0x40, and(add(to, 63), not(31))) // whole words, with 32 bytes to spare
        }
        if (all > type(uint64).max) _revertTooLarge(values);
    }

    function _revertTooLarge(uint256[] memory values) private pure {
        for (uint256 k = 0; k < values.length; ++k) {
            if (values[k] > type(uint64).max) revert ValueTooLarge(k, values[k]);
        }
    }
}
