// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Sets of uids as words, bit uid.
library BitList {
    /// @notice Positions of the set bits, ascending.
    function positions(uint256 word) internal pure returns (uint256[] memory list) {
        uint256 count = 0;
        for (uint256 rest = word; rest != 0; rest &= rest - 1) {
            ++count;
        }
        list = new uint256[](count);
        count = 0;
        for (uint256 position = 0; count < list.length; ++position) {
            if ((word >> position) & 1 == 1) list[count++] = position;
        }
    }
}
