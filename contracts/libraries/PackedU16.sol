// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title PackedU16
/// @notice Lists of u16 as bytes: value k is the big-endian pair at 2k.
library PackedU16 {
    error ValueTooLarge(uint256 index, uint256 value);

    /// @notice Values `first … first + count − 1` of `packed`, padded with zeros to `length`.
    /// @dev Reverts (panic 0x32) where `packed` ends earlier or `count` exceeds `length`.
    function unpack(
        bytes memory packed,
        uint256 first,
        uint256 count,
        uint256 length
    ) internal pure returns (uint256[] memory values) {
        values = new uint256[](length);
        for (uint256 k = 0; k < count; ++k) {
            uint256 position = 2 * (first + k);
            values[k] = (uint256(uint8(packed[position])) << 8) | uint8(packed[position + 1]);
        }
    }

    /// @notice All values of `rows` one after the other.
    function pack(uint256[][] memory rows) internal pure returns (bytes memory packed) {
        uint256 columns = rows.length == 0 ? 0 : rows[0].length;
        packed = new bytes(2 * rows.length * columns);
        for (uint256 i = 0; i < rows.length; ++i) {
            _write(packed, i * columns, rows[i]);
        }
    }

    /// @notice `values` as bytes.
    function pack(uint256[] memory values) internal pure returns (bytes memory packed) {
        packed = new bytes(2 * values.length);
        _write(packed, 0, values);
    }

    function _write(bytes memory packed, uint256 first, uint256[] memory values) private pure {
        for (uint256 k = 0; k < values.length; ++k) {
            uint256 value = values[k];
            if (value > type(uint16).max) revert ValueTooLarge(first + k, value);
            uint256 position = 2 * (first + k);
            packed[position] = bytes1(uint8(value >> 8));
            // The cast keeps the low byte on purpose: the high one is written above.
            packed[position + 1] = bytes1(uint8(value));
        }
    }
}
