// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPhased} from "./IPhased.sol";

/// @title IAttestationLedger
/// @notice Which updates each permitted validator holds in full. Nothing is stored: the count by stake follows from
/// the events, of which a validator's first of a round counts.
interface IAttestationLedger is IPhased {
    /// @param bitmap Bit j: the validator holds all bytes of uid j's update of the round, and they are valid (§3).
    event Attested(uint256 indexed round, uint256 indexed neuronId, uint256 uid, uint256 bitmap);

    /// @notice Publishes what the caller, hotkey of a neuron permitted in the round's epoch, holds.
    /// @param round The current round, in its attest phase. Errors: WrongRound, WrongPhase,
    /// IMetagraph.NotRegistered, IMetagraph.NotPermitted.
    function attest(uint256 round, uint256 bitmap) external;
}
