// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Lists in bytes of what neurons are credited with: every entry starts with the neuronId as u64, followed by
/// one or two amounts in wei as u128, all big-endian. Who is credited with nothing is left out.
library CreditList {
    uint256 private constant ONE_AMOUNT = 24;
    uint256 private constant TWO_AMOUNTS = 40;

    /// @notice The neuronId or an amount does not fit its field.
    error CreditTooLarge(uint256 neuronId, uint256 amount, uint256 part);

    /// @notice Entries of one amount each. Both lists are of one length.
    function pack(uint256[] calldata neuronIds, uint256[] memory amounts) internal pure returns (bytes memory) {
        return _pack(neuronIds, amounts, amounts, ONE_AMOUNT);
    }

    /// @notice Entries of an amount and a part of it, 0 where the amount is 0. All lists are of one length.
    function pack(
        uint256[] calldata neuronIds,
        uint256[] memory amounts,
        uint256[] memory parts
    ) internal pure returns (bytes memory) {
        return _pack(neuronIds, amounts, parts, TWO_AMOUNTS);
    }

    function _pack(
        uint256[] calldata neuronIds,
        uint256[] memory amounts,
        uint256[] memory parts,
        uint256 width
    ) private pure returns (bytes memory list) {
        uint256 id = 0;
        uint256 amount = 0;
        uint256 part = 0;
        uint256 wide = 0;
        assembly ("memory-safe") {
            list := mload(0x40)
            let to := add(list, 32)
            let ids := sub(neuronIds.offset, 32)
            let size := add(32, shl(5, mload(amounts)))
            for {
                let at := 32
            } lt(at, size) {
                at := add(at, 32)
            } {
                amount := mload(add(amounts, at))
                if amount {
                    id := calldataload(add(ids, at))
                    part := mload(add(parts, at))
                    wide := or(shr(64, id), shr(128, or(amount, part)))
                    if wide {
                        break
                    }
                    // What is written beyond the entry, 32 bytes at most, is the next one's, or spare.
                    mstore(to, shl(192, id))
                    mstore(add(to, 8), shl(128, amount))
                    mstore(add(to, 24), shl(128, part))
                    to := add(to, width)
                }
            }
            mstore(list, sub(to, add(list, 32)))
            mstore(0x40, and(add(to, 63), not(31))) // whole words, with 32 bytes to spare
        }
        if (wide != 0) revert CreditTooLarge(id, amount, part);
    }
}
