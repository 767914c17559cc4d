// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice An amount now and as it stood when the epoch of its last change began: one word.
struct EpochAmount {
    uint112 current;
    uint112 atEpochStart;
    uint32 epoch;
}

using EpochAmountLib for EpochAmount global;

/// @notice Operations on an `EpochAmount`.
library EpochAmountLib {
    using SafeCast for uint256;

    /// @notice The amount at the start of `epoch` was overwritten in `keptEpoch`.
    error AmountNotKept(uint256 epoch, uint256 keptEpoch);

    /// @notice Sets the amount in `epoch`. While the run has not `started`, the start of epoch 0 moves along.
    function set(EpochAmount storage self, uint256 amount, uint256 epoch, bool started) internal {
        EpochAmount memory word = self;
        uint112 next = amount.toUint112();
        if (!started) {
            word.atEpochStart = next;
        } else if (word.epoch != epoch) {
            (word.atEpochStart, word.epoch) = (word.current, epoch.toUint32());
        }
        word.current = next;
        (self.current, self.atEpochStart, self.epoch) = (word.current, word.atEpochStart, word.epoch);
    }

    /// @notice The amount at the start of `epoch`, for every epoch since that of the last change.
    function amountAt(EpochAmount storage self, uint256 epoch) internal view returns (uint256) {
        EpochAmount memory word = self;
        if (epoch < word.epoch) revert AmountNotKept(epoch, word.epoch);
        return epoch == word.epoch ? word.atEpochStart : word.current;
    }
}
