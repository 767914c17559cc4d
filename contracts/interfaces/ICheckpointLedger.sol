// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title CheckpointLedger: the latest state that validators agree on
/// @notice Validators sign checkpoints off chain; anybody submits a batch of signatures. More than two thirds of the
/// permitted stake, by the permits and the stake of the current epoch, make it the latest one. Late joiners start there:
/// they fetch the content by its digest, check the state root, and replay the rounds since.
/// @dev Two words, overwritten: the state root, and the round with the upper 216 bits of the content's digest.
interface ICheckpointLedger {
    /// @param round The model is the one that this round starts with.
    /// @param stateRoot SHA-256 Merkle root over its tensors (DESIGN §7).
    /// @param contentDigest sha2-256 digest of the root CID of its content.
    /// @param contentSize Bytes of that content.
    // In calldata alone, in the order in which it is signed.
    // solhint-disable-next-line gas-struct-packing
    struct Checkpoint {
        uint64 round;
        bytes32 stateRoot;
        bytes32 contentDigest;
        uint64 contentSize;
    }

    /// @notice A contract that serves as hotkey, and what its `isValidSignature` (ERC-1271) takes.
    struct ContractSignature {
        address hotkey;
        bytes signature;
    }

    /// @notice Checkpoints move forward: `round` is not after `latestRound`.
    error RoundNotLater(uint256 round, uint256 latestRound);

    /// @notice `round` has not started.
    error RoundNotStarted(uint256 round, uint256 currentRound);

    /// @notice Without state root, digest or size there is nothing to agree on.
    error CheckpointIncomplete();

    /// @notice The signatures are not 64 bytes (ERC-2098) each.
    error BadSignatureLength(uint256 length);

    /// @notice The hotkey's signature at `index` of the contracts' is not valid.
    error InvalidSignature(uint256 index, address hotkey);

    /// @notice Two signatures are from the hotkey of `uid`.
    error SignedTwice(uint256 uid);

    /// @notice The stake that signed is not more than two thirds of `permitted`; wei.
    error QuorumNotReached(uint256 signed, uint256 permitted);

    /// @notice The latest checkpoint. `signers` (bit uid) hold `signedStake` of `permittedStake` wei; signatures beyond the
    /// quorum were not looked at.
    event CheckpointAttested(
        uint256 indexed round,
        bytes32 indexed stateRoot,
        bytes32 contentDigest,
        uint64 contentSize,
        uint256 signers,
        uint256 signedStake,
        uint256 permittedStake
    );

    /// @notice Makes `checkpoint` the latest. Anyone may call.
    /// @param signatures Of hotkeys permitted in the current epoch, 64 bytes each (ERC-2098: r, then s with the parity in its
    /// highest bit), in any order: those of the largest stakes first cost least. They are read in batches of eight until the
    /// quorum is reached.
    /// @param contractSignatures Of hotkeys that are contracts; read after the others.
    /// Errors: `CheckpointIncomplete`, `RoundNotStarted`, `RoundNotLater`, `BadSignatureLength`, `InvalidSignature`,
    /// `SignedTwice`, `QuorumNotReached`, `IMetagraph.NotRegistered` and `IMetagraph.NotPermitted` of who else signed, and
    /// ECDSA's.
    function submit(
        Checkpoint calldata checkpoint,
        bytes calldata signatures,
        ContractSignature[] calldata contractSignatures
    ) external;

    /// @notice The latest checkpoint: its round, its state root and the upper 216 bits of its content's digest; all 0 before
    /// the first, whose round may be 0 too.
    function latest() external view returns (uint256 round, bytes32 stateRoot, bytes32 contentDigestPrefix);

    /// @notice What a hotkey signs: EIP-712, domain "Weft Checkpoint", version "1", `Checkpoint(uint64 round,bytes32
    /// stateRoot,bytes32 contentDigest,uint64 contentSize)`.
    function checkpointDigest(Checkpoint calldata checkpoint) external view returns (bytes32);
}
