// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";
import {IFaultLedger} from "./IFaultLedger.sol";
import {IGated} from "./IGated.sol";
import {CommitStatus} from "../libraries/CommitWord.sol";

/// @title IWeightLedger
/// @notice The validators' rows of weights. A row for epoch e is committed in the first round of epoch e + 1, revealed
/// in the second and counts for e alone.
/// @dev Per hotkey one word and per uid one, reused by every epoch. Rows are settled from the third round on, when none can
/// be revealed any more: a settlement's witness cannot be overtaken by a reveal.
interface IWeightLedger is IFaultLedger, IGated {
    /// @param logDigest sha2-256 digest of the root CID of the evaluation log behind the weights.
    /// @param logSize Bytes of that log.
    event WeightsCommitted(
        uint256 epoch,
        address indexed hotkey,
        bytes32 commitment,
        bytes32 logDigest,
        uint256 logSize
    );

    /// @param row Big-endian u16 by uid; what is missing at its end is 0.
    event WeightsRevealed(uint256 indexed epoch, uint256 indexed neuronId, uint256 uid, bytes row);

    /// `round` is not the `expected` one, in which this call is due for the epoch.
    error WrongWindow(uint256 epoch, uint256 round, uint256 expected);
    error AlreadyCommitted(uint256 epoch);
    error NoCommitment(uint256 epoch);
    error AlreadyRevealed(uint256 epoch);
    /// Upper 216 bits of the commitment on record and of the one that the call's arguments give.
    error WrongReveal(bytes32 expected, bytes32 given);
    /// A row holds whole u16, at most 256 of them.
    error BadRowLength(uint256 length);

    /// @notice Commits the caller, a hotkey, to its weights for `epoch`. Once per hotkey and epoch, no overwriting.
    /// @dev Registration and permit are looked up at the reveal: a commitment that cannot be opened counts for nothing.
    /// @param commitment `weightsCommitment` of the neuron whose hotkey calls.
    /// Errors: GateLib.Paused, WrongWindow, AlreadyCommitted.
    function commitWeights(uint256 epoch, bytes32 commitment, bytes32 logDigest, uint256 logSize) external;

    /// @notice Opens the caller's commitment and publishes the row. Weights on the uid itself, on uids that are not
    /// there or are registered after the epoch are dropped at settlement, not refused here.
    /// Errors: WrongWindow, BadRowLength, IMetagraph.NotRegistered, IMetagraph.NotPermitted, NoCommitment,
    /// AlreadyRevealed, WrongReveal.
    function revealWeights(uint256 epoch, bytes calldata row, bytes32 salt) external;

    /// @notice What a neuron commits to: keccak256(abi.encode(keccak256("weft.weights.v1"), chainId, this ledger,
    /// neuronId, epoch, keccak256(row), salt)).
    function weightsCommitment(
        uint256 neuronId,
        uint256 epoch,
        bytes calldata row,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice State of a hotkey's word for `epoch`: with `Committed` the upper 216 bits of the commitment, with
    /// `Revealed` those of keccak256(row). `None` and 0 without one, or once a later epoch took the word over.
    function commitmentOf(address hotkey, uint256 epoch) external view returns (CommitStatus status, bytes32 hash);

    /// @notice Upper 216 bits of keccak256(row) that the neuron permitted on `uid` revealed for `epoch`, 0 where it
    /// revealed none. Stays when its hotkey is replaced.
    function revealedRowHash(uint256 uid, uint256 epoch) external view returns (bytes32);

    /// @notice `revealedRowHash` of many uids.
    function revealedRowHashes(uint256[] calldata uids, uint256 epoch) external view returns (bytes32[] memory);

    function clock() external view returns (RoundClock);
}
