// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {ICheckpointLedger} from "./interfaces/ICheckpointLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {CommitStatus, CommitWord, CommitWordLibrary} from "./libraries/CommitWord.sol";
import {RoundClock} from "./libraries/RoundClock.sol";

/// @title CheckpointLedger
contract CheckpointLedger is ICheckpointLedger, EIP712 {
    /// @dev A count of signatures under way; stake in wei.
    struct Count {
        uint256 epoch;
        uint256 permitted;
        uint256 signed;
        uint256 signers;
        uint256[256] stakes;
    }

    uint256 private constant SIGNATURE_BYTES = 64;
    /// @dev Signatures looked at between two looks at the quorum: one call of the metagraph serves them all.
    uint256 private constant BATCH = 8;
    bytes32 private constant CHECKPOINT_TYPEHASH = keccak256(
        "Checkpoint(uint64 round,bytes32 stateRoot,bytes32 contentDigest,uint64 contentSize)"
    );

    IMetagraph private immutable metagraph;
    IStakeManager private immutable stakeManager;
    RoundClock private immutable clock;

    bytes32 private _stateRoot;
    /// @dev Round and digest of the latest checkpoint, `Revealed`; a fresh word before the first.
    CommitWord private _content;

    constructor(IMetagraph metagraph_, IStakeManager stakeManager_) EIP712("Weft Checkpoint", "1") {
        metagraph = metagraph_;
        stakeManager = stakeManager_;
        clock = metagraph_.clock();
    }

    /// @inheritdoc ICheckpointLedger
    function submit(
        Checkpoint calldata checkpoint,
        bytes calldata signatures,
        ContractSignature[] calldata contractSignatures
    ) external {
        _requireNext(checkpoint);
        if (signatures.length % SIGNATURE_BYTES != 0) revert BadSignatureLength(signatures.length);
        bytes32 digest = checkpointDigest(checkpoint);
        Count memory count = _permittedStakes();
        for (uint256 next = 0; next < signatures.length && !_isQuorum(count); next += BATCH * SIGNATURE_BYTES) {
            uint256 end = Math.min(next + BATCH * SIGNATURE_BYTES, signatures.length);
            _add(count, _recover(digest, signatures[next:end]));
        }
        if (contractSignatures.length > 0 && !_isQuorum(count)) _add(count, _check(digest, contractSignatures));
        if (!_isQuorum(count)) revert QuorumNotReached(count.signed, count.permitted);

        _stateRoot = checkpoint.stateRoot;
        _content = CommitWordLibrary.pack(checkpoint.round, CommitStatus.Revealed, checkpoint.contentDigest);
        emit CheckpointAttested(
            checkpoint.round,
            checkpoint.stateRoot,
            checkpoint.contentDigest,
            checkpoint.contentSize,
            count.signers,
            count.signed,
            count.permitted
        );
    }

    /// @inheritdoc ICheckpointLedger
    function latest() external view returns (uint256 round, bytes32 stateRoot, bytes32 contentDigestPrefix) {
        (round, ) = _content.header();
        (, contentDigestPrefix) = _content.stateAt(round);
        stateRoot = _stateRoot;
    }

    /// @inheritdoc ICheckpointLedger
    function checkpointDigest(Checkpoint calldata checkpoint) public view returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(
                    abi.encode(
                        CHECKPOINT_TYPEHASH,
                        checkpoint.round,
                        checkpoint.stateRoot,
                        checkpoint.contentDigest,
                        checkpoint.contentSize
                    )
                )
            );
    }

    /// @dev Reverts unless the checkpoint says something of a round that started and is later than the latest one.
    function _requireNext(Checkpoint calldata checkpoint) private view {
        bool whole = checkpoint.stateRoot != 0 && checkpoint.contentDigest != 0 && checkpoint.contentSize != 0;
        if (!whole) revert CheckpointIncomplete();
        uint256 current = clock.roundAt(block.timestamp);
        if (checkpoint.round > current) revert RoundNotStarted(checkpoint.round, current);
        (uint256 round, CommitStatus status) = _content.header();
        if (status != CommitStatus.None && checkpoint.round <= round) revert RoundNotLater(checkpoint.round, round);
    }

    /// @dev Stake of every permitted uid at the start of the current epoch, and all of it.
    function _permittedStakes() private view returns (Count memory count) {
        count.epoch = metagraph.currentEpoch();
        (uint256[] memory uids, uint256[] memory neuronIds) = metagraph.permittedNeurons(count.epoch);
        uint256[] memory stakes = stakeManager.stakesAt(neuronIds, count.epoch);
        uint256 permitted = 0;
        for (uint256 i = 0; i < uids.length; ++i) {
            uint256 stake = stakes[i];
            count.stakes[uids[i]] = stake;
            permitted += stake;
        }
        count.permitted = permitted;
    }

    /// @dev Who made these signatures, 64 bytes each.
    function _recover(bytes32 digest, bytes calldata signatures) private pure returns (address[] memory hotkeys) {
        hotkeys = new address[](signatures.length / SIGNATURE_BYTES);
        for (uint256 i = 0; i < hotkeys.length; ++i) {
            bytes32 r;
            bytes32 vs;
            // Within `signatures`: its length is `hotkeys.length` times 64.
            assembly ("memory-safe") {
                let at := add(signatures.offset, shl(6, i))
                r := calldataload(at)
                vs := calldataload(add(at, 32))
            }
            hotkeys[i] = ECDSA.recover(digest, r, vs);
        }
    }

    /// @dev The contracts that find their signatures valid.
    function _check(
        bytes32 digest,
        ContractSignature[] calldata signatures
    ) private view returns (address[] memory hotkeys) {
        hotkeys = new address[](signatures.length);
        for (uint256 i = 0; i < hotkeys.length; ++i) {
            ContractSignature calldata by = signatures[i];
            if (!SignatureChecker.isValidSignatureNow(by.hotkey, digest, by.signature)) {
                revert InvalidSignature(i, by.hotkey);
            }
            hotkeys[i] = by.hotkey;
        }
    }

    function _add(Count memory count, address[] memory hotkeys) private view {
        uint256[] memory uids = metagraph.permittedUidsOf(hotkeys, count.epoch);
        (uint256 signers, uint256 signed) = (count.signers, count.signed);
        for (uint256 i = 0; i < uids.length; ++i) {
            uint256 uid = uids[i];
            uint256 bit = 1 << uid;
            if (signers & bit != 0) revert SignedTwice(uid);
            signers |= bit;
            signed += count.stakes[uid];
        }
        (count.signers, count.signed) = (signers, signed);
    }

    function _isQuorum(Count memory count) private pure returns (bool) {
        return 3 * count.signed > 2 * count.permitted;
    }
}
