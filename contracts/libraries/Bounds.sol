// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Range check of deployment parameters.
library Bounds {
    /// @notice `value` of the named parameter is not in [minimum, maximum].
    error ParameterOutOfBounds(bytes32 parameter, uint256 value, uint256 minimum, uint256 maximum);

    /// @notice Returns `value` if it lies in [minimum, maximum], else reverts `ParameterOutOfBounds`.
    function check(bytes32 parameter, uint256 value, uint256 minimum, uint256 maximum) internal pure returns (uint256) {
        if (value < minimum || value > maximum) revert ParameterOutOfBounds(parameter, value, minimum, maximum);
        return value;
    }
}
