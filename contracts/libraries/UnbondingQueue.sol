// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IStakeManager} from "../interfaces/IStakeManager.sol";

/// @notice Withdrawals of one account from one pool, oldest first; those before `head` are paid.
struct UnbondingQueue {
    uint256 head;
    IStakeManager.Unbonding[] entries;
}

using UnbondingQueueLib for UnbondingQueue global;

/// @notice Operations on an `UnbondingQueue`. Release times never fall from one entry to the next.
library UnbondingQueueLib {
    using SafeCast for uint256;

    /// @notice Adds `assets` wei, payable from `releaseAt` on, to the last entry if it is payable at the same time, so
    /// that the queue grows by at most one entry an epoch.
    function push(UnbondingQueue storage self, uint256 assets, uint256 releaseAt) internal {
        uint256 length = self.entries.length;
        if (length > self.head && self.entries[length - 1].releaseAt == releaseAt) {
            self.entries[length - 1].assets += assets.toUint128();
        } else {
            self.entries.push(IStakeManager.Unbonding(assets.toUint128(), releaseAt.toUint64()));
        }
    }

    /// @notice Removes at most `maximum` entries payable at `time` and returns their sum in wei.
    function popMatured(UnbondingQueue storage self, uint256 time, uint256 maximum) internal returns (uint256 assets) {
        uint256 head = self.head;
        uint256 end = head + maximum;
        if (end > self.entries.length) end = self.entries.length;
        for (; head < end && self.entries[head].releaseAt <= time; head++) {
            assets += self.entries[head].assets;
            delete self.entries[head];
        }
        self.head = head;
    }

    /// @notice When the oldest waiting entry is payable; 0 if none waits.
    function nextReleaseAt(UnbondingQueue storage self) internal view returns (uint256) {
        return self.head < self.entries.length ? self.entries[self.head].releaseAt : 0;
    }

    /// @notice The entries that wait.
    function waiting(UnbondingQueue storage self) internal view returns (IStakeManager.Unbonding[] memory list) {
        list = new IStakeManager.Unbonding[](self.entries.length - self.head);
        for (uint256 i = 0; i < list.length; i++) {
            list[i] = self.entries[self.head + i];
        }
    }
}
