// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IFaultLedger} from "./IFaultLedger.sol";
import {IGated} from "./IGated.sol";
import {IPhased} from "./IPhased.sol";
import {CommitStatus} from "../libraries/CommitWord.sol";

/// @title IUpdateLedger
/// @notice Who committed to and revealed which update in which round. An update's content is stored encrypted before
/// it is committed; the reveal publishes the salt that decrypts it, so nobody can copy it within the round.
/// @dev Per hotkey a ring of four words that later rounds reuse: in steady state a round opens no new storage slot.
interface IUpdateLedger is IPhased, IFaultLedger, IGated {
    /// @param digest sha2-256 multihash digest of the content's root CID.
    /// @param size Bytes of the encrypted content.
    event UpdateCommitted(uint256 round, address indexed hotkey, bytes32 digest, uint256 size);

    /// @param dataRoot Keccak tree over the content's 1 KiB slices (DESIGN §7).
    /// @param salt 32 bytes from which the cipher's key derives.
    event UpdateRevealed(
        uint256 indexed round,
        uint256 indexed neuronId,
        uint256 uid,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt
    );

    /// @notice No update is committed from `from` (Unix seconds) on.
    event Closing(uint256 from);

    /// The ledger closes later than `time`, the block's.
    error CloseOutOfBounds(uint256 from, uint256 time);
    error SizeOutOfBounds(uint256 size, uint256 max);
    /// The hotkey committed in this round already, whether revealed or not.
    error AlreadyCommitted(uint256 round);
    error NoCommitment(uint256 round);
    error AlreadyRevealed(uint256 round);
    /// Upper 216 bits of the hash on record and of the one that the call's arguments give: see `commitmentOf`.
    error WrongReveal(bytes32 expected, bytes32 given);

    /// @notice Commits the caller, a hotkey, to the update it stored. Once per hotkey and round, no overwriting.
    /// @dev Registration is not looked up here: a commitment names its neuron and opens only from that neuron's hotkey.
    /// @param round The current round, in its commit phase.
    /// @param size 1 … `maxUpdateBytes`.
    /// @param commitment `updateCommitment` of the neuron whose hotkey calls, over the same digest and size:
    /// one over another content cannot be opened. Errors: GateLib.Paused, GateLib.Closed, WrongRound, WrongPhase,
    /// SizeOutOfBounds, AlreadyCommitted.
    function commitUpdate(uint256 round, bytes32 digest, uint256 size, bytes32 commitment) external;

    /// @notice Opens the caller's commitment of the current round, in its reveal phase.
    /// Errors: WrongRound, WrongPhase, IMetagraph.NotRegistered, NoCommitment, AlreadyRevealed, WrongReveal.
    function revealUpdate(uint256 round, bytes32 digest, uint256 size, bytes32 dataRoot, bytes32 salt) external;

    /// @notice Ends the run's updates: from `from` on no commitment is taken. Only the authority's role
    /// (`AccessManagedUnauthorized`), which the run's registry has. Errors: CloseOutOfBounds.
    function close(uint256 from) external;

    /// @notice What a neuron commits to: keccak256(abi.encode(keccak256("weft.update.v1"), chainId, this ledger,
    /// neuronId, round, digest, size, dataRoot, salt)).
    function updateCommitment(
        uint256 neuronId,
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt
    ) external view returns (bytes32);

    /// @notice Whether the hotkey revealed this update of the neuron in `round`, as far as its word is kept: see
    /// `commitmentOf`.
    function isRevealed(
        address hotkey,
        uint256 neuronId,
        uint256 round,
        bytes32 digest,
        uint256 size,
        bytes32 dataRoot,
        bytes32 salt
    ) external view returns (bool);

    /// @notice State of a hotkey's commitment of `round` and the upper 216 bits of keccak256(abi.encode(commitment,
    /// digest, size)), all three as committed. `None` and 0 for rounds without one and for those whose word a
    /// later round took over (after four rounds at the earliest).
    function commitmentOf(address hotkey, uint256 round) external view returns (CommitStatus status, bytes32 hash);

    /// @notice Largest size of an update in bytes.
    function maxUpdateBytes() external view returns (uint256);
}
