// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title PackedU16
/// @notice Lists of u16 as bytes: value k is the big-endian pair at 2k.
library PackedU16 {
    /// A share is more than one.
    error ShareTooLarge(uint256 index, uint256 share);

    /// @notice Each Q32 share, at most ONE, as floor(share · 65535).
    function packSharesDown(uint256[] memory shares) internal pure returns (bytes memory packed) {
        uint256 length = shares.length;
        uint256 largest = 0;
        assembly ("memory-safe") {
            packed := mload(0x40)
            mstore(packed, shl(1, length))
            let to := add(packed, 32)
            let from := add(shares, 32)
            for {
                let end := add(from, shl(5, length))
            } lt(from, end) {
                from := add(from, 32)
                to := add(to, 2)
            } {
                let share := mload(from)
                if gt(share, largest) {
                    largest := share
                }
                // The 30 bytes beyond are the next values, or spare. A share above ONE may wrap: it reverts below.
                mstore(to, shl(240, shr(32, mul(share, 65535))))
            }
            mstore(0x40, and(add(to, 63), not(31))) // whole words, with 32 bytes to spare
        }
        if (largest > 1 << 32) _revertTooLarge(shares);
    }

    function _revertTooLarge(uint256[] memory shares) private pure {
        for (uint256 k = 0; k < shares.length; ++k) {
            if (shares[k] > 1 << 32) revert ShareTooLarge(k, shares[k]);
        }
    }
}
