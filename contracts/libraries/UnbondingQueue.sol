// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One waiting withdrawal: shares of the unbonding pool, payable from `releaseAt` on. One word.
struct UnbondingEntry {
    uint128 shares;
    uint64 releaseAt;
}

/// @notice Withdrawals of one account from one pool, oldest first; those before `head` are paid.
struct UnbondingQueue {
    uint256 head;
    UnbondingEntry[] entries;
}

using UnbondingQueueLib for UnbondingQueue global;

/// @notice Operations on an `UnbondingQueue`. Release times never fall from one entry to the next.
library UnbondingQueueLib {
    using SafeCast for uint256;

    /// @notice Adds `shares`, payable from `releaseAt` on, to the last entry if it is payable at the same time, so that
    /// the queue grows by at most one entry an epoch.
    function push(UnbondingQueue storage self, uint256 shares, uint256 releaseAt) internal {
        uint256 length = self.entries.length;
        if (length > self.head && self.entries[length - 1].releaseAt == releaseAt) {
            self.entries[length - 1].shares += shares.toUint128();
        } else {
            self.entries.push(UnbondingEntry(shares.toUint128(), releaseAt.toUint64()));
        }
    }

    /// @notice Removes at most `maximum` entries payable at `time`. Returns how many, and the sum of their shares.
    function popMatured(
        UnbondingQueue storage self,
        uint256 time,
        uint256 maximum
    ) internal returns (uint256 count, uint256 shares) {
        uint256 head = self.head;
        uint256 length = self.entries.length;
        for (; count < maximum && head + count < length; ++count) {
            UnbondingEntry memory entry = self.entries[head + count];
            if (entry.releaseAt > time) break;
            shares += entry.shares;
            delete self.entries[head + count];
        }
        self.head = head + count;
    }

    /// @notice Takes up to `wanted` shares out of the newest entries, looking at `maximum` at most. An entry that lost all
    /// its shares stays in its place.
    function takeNewest(UnbondingQueue storage self, uint256 wanted, uint256 maximum) internal returns (uint256 taken) {
        uint256 head = self.head;
        uint256 next = self.entries.length;
        for (uint256 i = 0; i < maximum && next > head && taken < wanted; ++i) {
            UnbondingEntry storage entry = self.entries[--next];
            uint256 held = entry.shares;
            uint256 part = wanted - taken < held ? wanted - taken : held;
            entry.shares = uint128(held - part); // safe: held is a u128
            taken += part;
        }
    }

    /// @notice When the oldest waiting entry is payable; 0 if none waits.
    function nextReleaseAt(UnbondingQueue storage self) internal view returns (uint256) {
        return self.head < self.entries.length ? self.entries[self.head].releaseAt : 0;
    }

    /// @notice When the newest waiting entry is payable; 0 if none waits.
    function lastReleaseAt(UnbondingQueue storage self) internal view returns (uint256) {
        uint256 length = self.entries.length;
        return self.head < length ? self.entries[length - 1].releaseAt : 0;
    }

    /// @notice The entries that wait.
    function waiting(UnbondingQueue storage self) internal view returns (UnbondingEntry[] memory list) {
        list = new UnbondingEntry[](self.entries.length - self.head);
        for (uint256 i = 0; i < list.length; i++) {
            list[i] = self.entries[self.head + i];
        }
    }
}
