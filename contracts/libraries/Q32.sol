// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Q32
/// @notice Unsigned fixed point with 32 fractional bits, the arithmetic of consensus. Every operation rounds down.
library Q32 {
    uint256 internal constant ONE = 1 << 32;

    /// @notice a·b. Reverts where the product of the raw words exceeds 256 bits.
    function mulDown(uint256 a, uint256 b) internal pure returns (uint256) {
        return (a * b) >> 32;
    }

    /// @notice a/b, and 0 where b is 0 (an empty row or column shares nothing).
    /// @dev `a` must stay below 2^224, since a shift does not revert; stakes stay below 2^85 and shares below 2^49.
    function divDown(uint256 a, uint256 b) internal pure returns (uint256) {
        return b == 0 ? 0 : (a << 32) / b;
    }

    /// @notice The fraction `numerator / 65535`.
    function fromU16(uint256 numerator) internal pure returns (uint256) {
        return (numerator << 32) / type(uint16).max;
    }

    /// @notice `share · 65535`. A share is at most ONE, so the result fits u16.
    function toU16Down(uint256 share) internal pure returns (uint256) {
        return (share * type(uint16).max) >> 32;
    }
}
