// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// The linter does not see what assembly uses.
// solhint-disable no-unused-import
import {
    GROUP_BYTES,
    SCRATCH,
    ALPHA,
    BETA,
    UNCLIPPED,
    SCRATCH_END,
    ACTIVE,
    VOTING,
    PREVIOUS,
    KEEP,
    WEIGHTS,
    ONE,
    NOWHERE,
    YumaWork
} from "./YumaLayout.sol";

/// @title YumaMemory
/// @notice Where `Yuma` keeps what it works on: scratch, records, masks, lists. See `YumaLayout.sol`.
library YumaMemory {
    /// The compiler's own words reach into the scratch, or something was allocated before `reserve`.
    error ScratchTaken(uint256 freePointer);

    // Memory

    /// @notice Takes the scratch. The first thing that a caller of `Yuma.settle` does.
    function reserve() internal pure {
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        if (free > SCRATCH) revert ScratchTaken(free);
        assembly ("memory-safe") {
            mstore(0x40, SCRATCH_END)
        }
    }

    /// @notice Sets what all columns share.
    function setBlend(uint256 alpha, bool bondsPenalty) internal pure {
        assembly ("memory-safe") {
            mstore(ALPHA, alpha)
            mstore(BETA, sub(ONE, alpha))
            mstore(UNCLIPPED, sub(bondsPenalty, 1)) // all ones where false
        }
    }

    /// @notice Bytes of a record with so many groups. Loops read whole words at 30-byte steps, two bytes further.
    function strideOf(uint256 groups) internal pure returns (uint256) {
        return (WEIGHTS + GROUP_BYTES * groups + 2 + 31) & ~uint256(31);
    }

    /// @notice Takes `size` bytes of memory, which are not zeroed.
    function allocate(uint256 size) internal pure returns (uint256 place) {
        assembly ("memory-safe") {
            place := mload(0x40)
            mstore(0x40, add(place, and(add(size, 31), not(31))))
        }
    }

    /// @notice A list of `length` bytes, not zeroed, with a word to spare behind it for writes of whole words.
    function newBytes(uint256 length) internal pure returns (bytes memory list, uint256 data) {
        uint256 place = allocate(length + 64);
        assembly ("memory-safe") {
            list := place
            mstore(list, length)
            data := add(list, 32)
        }
    }

    /// @notice A list of `length` words, not zeroed.
    function newWords(uint256 length) internal pure returns (uint256[] memory list, uint256 data) {
        uint256 place = allocate(32 * length + 32);
        assembly ("memory-safe") {
            list := place
            mstore(list, length)
            data := add(list, 32)
        }
    }

    /// @notice Each value divided by the sum of all (Q32, down; 0 where the sum is 0) in a new list, and the sum of that. The
    /// sum of all is below 2^224.
    function normalised(uint256[] memory values) internal pure returns (uint256[] memory shares, uint256 total) {
        uint256 out;
        (shares, out) = newWords(values.length);
        assembly ("memory-safe") {
            let from := add(values, 32)
            let end := add(from, shl(5, mload(values)))
            let sum := 0
            for {
                let p := from
            } lt(p, end) {
                p := add(p, 32)
            } {
                sum := add(sum, mload(p))
            }
            for {} lt(from, end) {
                from := add(from, 32)
                out := add(out, 32)
            } {
                let share := div(shl(32, mload(from)), sum) // 0 where the sum is 0
                mstore(out, share)
                total := add(total, share)
            }
        }
    }

    /// @notice u16 masks for the row of a record: all ones for columns below `columns` whose bit in `absent` is 0.
    function presence(uint256 columns, uint256 absent, uint256 stride) internal pure returns (uint256 mask) {
        uint256 size = stride - WEIGHTS;
        mask = allocate(size);
        assembly ("memory-safe") {
            let present := add(mask, shl(1, columns))
            for {
                let p := mask
            } lt(p, present) {
                p := add(p, 32)
            } {
                mstore(p, not(0))
            }
            // Reading beyond calldata gives zeros. The last word above ends within `size`, which is whole words.
            calldatacopy(present, calldatasize(), sub(add(mask, size), present))
            for {
                let p := mask
            } absent {
                p := add(p, 2)
                absent := shr(1, absent)
            } {
                if and(and(absent, 1), lt(p, present)) {
                    mstore8(p, 0)
                    mstore8(add(p, 1), 0)
                }
            }
        }
    }

    // Records

    /// @notice Copies a row into `record`, without its `own` column and what is masked, and divides one by its sum.
    function loadRow(YumaWork memory work, uint256 record, bytes calldata row, uint256 own) internal pure {
        uint256 stride = work.stride;
        uint256 columns = work.columns;
        uint256 mask = work.weightMask;
        uint256 length = row.length < 2 * columns ? row.length : 2 * columns;
        assembly ("memory-safe") {
            calldatacopy(record, calldatasize(), stride) // zeros
            let p := add(record, WEIGHTS)
            calldatacopy(p, row.offset, length)
            if lt(own, columns) {
                mstore8(add(p, shl(1, own)), 0)
                mstore8(add(p, add(shl(1, own), 1)), 0)
            }
            // Eight lanes of 32 bits, each the sum of 2 · 17 u16 at most; all of them below 2^24, in the top lane.
            let sum := 0
            for {
                let end := add(record, stride)
            } lt(p, end) {
                p := add(p, 32)
                mask := add(mask, 32)
            } {
                let w := and(mload(p), mload(mask))
                mstore(p, w)
                let low := and(w, 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff)
                let high := and(shr(16, w), 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff)
                sum := add(sum, add(low, high))
            }
            sum := shr(224, mul(sum, 0x0000000100000001000000010000000100000001000000010000000100000001))
            mstore(record, div(add(shl(72, 1), sub(sum, 1)), sum)) // ceil(2^72 / sum), 0 for an empty row
        }
    }

    /// @notice Sets the shares S, A and a of DESIGN §6. Bonds are kept where S is not 0.
    function setShares(uint256 record, uint256 stake, uint256 active, uint256 voting) internal pure {
        assembly ("memory-safe") {
            mstore(add(record, ACTIVE), active)
            mstore(add(record, VOTING), voting)
            mstore(add(record, KEEP), sub(iszero(stake), 1))
        }
    }

    /// @notice Points the record to the bonds of the `index`-th previous validator, to zeros where there was none.
    function setBonds(YumaWork memory work, uint256 record, uint256 index) internal pure {
        uint256 place = index == type(uint256).max ? NOWHERE : work.previousBonds + GROUP_BYTES * index;
        assembly ("memory-safe") {
            mstore(add(record, PREVIOUS), place)
        }
    }
}
