// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A list in bytes of what neurons are credited with: every entry starts with the neuronId as u64, followed by
/// amounts in wei as u128, all big-endian.
library CreditList {
    uint256 private constant ID_BYTES = 8;
    uint256 private constant AMOUNT_BYTES = 16;

    /// @notice The neuronId or an amount does not fit its field.
    error CreditTooLarge(uint256 neuronId, uint256 amount);

    /// @notice An empty list with room for `entries` of `amounts` amounts.
    function create(uint256 entries, uint256 amounts) internal pure returns (bytes memory list) {
        list = new bytes(entries * (ID_BYTES + amounts * AMOUNT_BYTES) + AMOUNT_BYTES); // a word may be written at the end
        assembly ("memory-safe") {
            mstore(list, 0) // shorter than allocated
        }
    }

    /// @notice Appends an entry of one amount.
    function append(bytes memory list, uint256 neuronId, uint256 amount) internal pure {
        _require(neuronId, amount);
        // safe: `create` made room for the entry and for what the word of its amount writes beyond
        assembly ("memory-safe") {
            let length := mload(list)
            let to := add(add(list, 32), length)
            mstore(to, shl(192, neuronId))
            mstore(add(to, 8), shl(128, amount))
            mstore(list, add(length, 24))
        }
    }

    /// @notice Appends an entry of two amounts.
    function append(bytes memory list, uint256 neuronId, uint256 first, uint256 second) internal pure {
        append(list, neuronId, first);
        _require(neuronId, second);
        assembly ("memory-safe") {
            let length := mload(list)
            mstore(add(add(list, 32), length), shl(128, second))
            mstore(list, add(length, 16))
        }
    }

    function _require(uint256 neuronId, uint256 amount) private pure {
        if (neuronId > type(uint64).max || amount > type(uint128).max) revert CreditTooLarge(neuronId, amount);
    }
}
