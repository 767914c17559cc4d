// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice What somebody has earned and been paid, ever, in wei. One word, never zeroed, so that crediting it again opens
/// no new slot.
struct Earned {
    uint128 total;
    uint128 claimed;
}

using EarnedLib for Earned global;

/// @notice Operations on `Earned`.
library EarnedLib {
    using SafeCast for uint256;

    /// @notice Credits `amount` wei.
    function credit(Earned storage self, uint256 amount) internal {
        self.total += amount.toUint128();
    }

    /// @notice Books all that is owed as paid and returns it.
    function settle(Earned storage self) internal returns (uint256 amount) {
        amount = self.total - self.claimed;
        self.claimed = self.total;
    }
}
