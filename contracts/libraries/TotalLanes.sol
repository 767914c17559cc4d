// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Totals in wei per neuron that never fall, three neuronIds in a word, lane neuronId mod 3 from the lowest bits, 85
/// bits each: the cap of the token fits. Neurons that registered one after the other share a word, so that crediting all
/// of them writes a third of the words; one that was not zero never is again.
library TotalLanes {
    uint256 private constant LANES = 3;
    uint256 private constant LANE_BITS = 85;
    uint256 private constant LANE = (1 << LANE_BITS) - 1;

    /// @notice More than a lane holds; the token's cap is less.
    error TotalTooLarge(uint256 neuronId, uint256 total);

    /// @notice Total of `neuronId`.
    function totalOf(mapping(uint256 => uint256) storage self, uint256 neuronId) internal view returns (uint256) {
        return totalIn(self[neuronId / LANES], neuronId);
    }

    /// @notice Adds `amount` wei to the total of `neuronId`.
    function add(mapping(uint256 => uint256) storage self, uint256 neuronId, uint256 amount) internal {
        self[neuronId / LANES] = added(self[neuronId / LANES], neuronId, amount);
    }

    /// @notice Adds to each neuron its amount. A word is read and written once for all neighbours in the list that share it.
    function addAll(
        mapping(uint256 => uint256) storage self,
        uint256[] calldata neuronIds,
        uint256[] memory amounts
    ) internal {
        uint256 key = type(uint256).max; // no word has this key: keys are a third of it at most
        uint256 word = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            uint256 amount = amounts[i];
            if (amount == 0) continue;
            uint256 neuronId = neuronIds[i];
            if (neuronId / LANES != key) {
                if (key != type(uint256).max) self[key] = word;
                key = neuronId / LANES;
                word = self[key];
            }
            word = added(word, neuronId, amount);
        }
        if (key != type(uint256).max) self[key] = word;
    }

    /// @notice Total of `neuronId` in its word.
    function totalIn(uint256 word, uint256 neuronId) internal pure returns (uint256) {
        return (word >> _shift(neuronId)) & LANE;
    }

    /// @notice The word with `amount` wei more for `neuronId`. No other lane changes.
    function added(uint256 word, uint256 neuronId, uint256 amount) internal pure returns (uint256) {
        uint256 total = totalIn(word, neuronId) + amount;
        if (total > LANE) revert TotalTooLarge(neuronId, total);
        // No overflow: the sum stays within the lane.
        unchecked {
            return word + (amount << _shift(neuronId));
        }
    }

    function _shift(uint256 neuronId) private pure returns (uint256) {
        // No overflow: at most 2 · 85.
        unchecked {
            return LANE_BITS * (neuronId % LANES);
        }
    }
}
