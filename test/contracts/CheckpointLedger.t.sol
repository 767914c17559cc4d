// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ICheckpointLedger} from "../../contracts/interfaces/ICheckpointLedger.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {CommitWordLibrary} from "../../contracts/libraries/CommitWord.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// @notice A wallet that serves as hotkey and finds every signature good that says so.
contract WalletHotkey {
    function isValidSignature(bytes32, bytes calldata signature) external pure returns (bytes4) {
        return keccak256(signature) == keccak256("good") ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @notice Validators on uids 2 and 3 hold 600 and 400 WEFT; with 201 more on the second, both are needed for two thirds.
contract CheckpointLedgerTest is RunSystem {
    bytes32 private constant ROOT = keccak256("root");
    ICheckpointLedger.ContractSignature[] private none;

    function setUp() public {
        _deployRun();
        _toRound(3, 0);
    }

    function test_submit_byAll_isTheLatest() public {
        ICheckpointLedger.Checkpoint memory c = _checkpoint(3);
        vm.expectEmit(address(checkpoints));
        emit ICheckpointLedger.CheckpointAttested(3, ROOT, DIGEST, 77, 12, 1000e18, 1000e18);
        checkpoints.submit(c, abi.encodePacked(_sign(2, c), _sign(3, c)), none);
        (uint256 round, bytes32 stateRoot, bytes32 prefix) = checkpoints.latest();
        vm.assertEq(round, 3);
        vm.assertEq(stateRoot, ROOT);
        vm.assertEq(prefix, CommitWordLibrary.truncate(DIGEST));
    }

    function test_latest_beforeAny_isAllZero() public view {
        (uint256 round, bytes32 stateRoot, bytes32 prefix) = checkpoints.latest();
        vm.assertEq(round, 0);
        vm.assertEq(stateRoot, 0);
        vm.assertEq(prefix, 0);
    }

    function test_submit_exactlyTwoThirds_revertsQuorumNotReached() public {
        _stake(alice, 3, 200e18);
        _toRound(6, 0); // 800 of 1200
        ICheckpointLedger.Checkpoint memory c = _checkpoint(5);
        bytes memory one = _sign(2, c);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.QuorumNotReached.selector, 800e18, 1200e18));
        checkpoints.submit(c, one, none);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.QuorumNotReached.selector, 0, 1200e18));
        checkpoints.submit(c, "", none);
    }

    function test_submit_aWeiMoreThanTwoThirds_isEnoughWithoutTheRest() public {
        _stake(alice, 3, 200e18 + 1);
        _toRound(6, 0);
        ICheckpointLedger.Checkpoint memory c = _checkpoint(5);
        // What follows the quorum is not looked at, but for the rest of its batch of eight.
        bytes memory enough = _sign(2, c);
        bytes memory tooMuch = abi.encodePacked(enough, new bytes(64));
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        checkpoints.submit(c, tooMuch, none);
        ICheckpointLedger.ContractSignature[] memory more = new ICheckpointLedger.ContractSignature[](1);
        more[0] = ICheckpointLedger.ContractSignature(alice, "bad");
        checkpoints.submit(c, enough, more);
    }

    function test_submit_stakeOfNow_countsFromTheNextEpoch() public {
        _stake(alice, 3, 5000e18);
        ICheckpointLedger.Checkpoint memory c = _checkpoint(3);
        bytes memory one = _sign(2, c);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.QuorumNotReached.selector, 600e18, 1000e18));
        checkpoints.submit(c, one, none);
    }

    function test_submit_roundNotLaterOrNotStarted_reverts() public {
        _submit(2);
        ICheckpointLedger.Checkpoint memory c = _checkpoint(2);
        bytes memory all = abi.encodePacked(_sign(2, c), _sign(3, c));
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.RoundNotLater.selector, 2, 2));
        checkpoints.submit(c, all, none);
        c = _checkpoint(4);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.RoundNotStarted.selector, 4, 3));
        checkpoints.submit(c, all, none);
        _submit(3);
    }

    function test_submit_roundZero_isAttestedOnce() public {
        _submit(0);
        ICheckpointLedger.Checkpoint memory c = _checkpoint(0);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.RoundNotLater.selector, 0, 0));
        checkpoints.submit(c, "", none);
    }

    function test_submit_incomplete_revertsCheckpointIncomplete() public {
        for (uint256 k = 0; k < 3; k++) {
            ICheckpointLedger.Checkpoint memory c = _checkpoint(3);
            if (k == 0) c.stateRoot = 0;
            if (k == 1) c.contentDigest = 0;
            if (k == 2) c.contentSize = 0;
            vm.expectRevert(ICheckpointLedger.CheckpointIncomplete.selector);
            checkpoints.submit(c, "", none);
        }
    }

    function test_submit_sameSignerTwice_revertsSignedTwice() public {
        ICheckpointLedger.Checkpoint memory c = _checkpoint(3);
        bytes memory twice = abi.encodePacked(_sign(3, c), _sign(3, c));
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.SignedTwice.selector, 3));
        checkpoints.submit(c, twice, none);
    }

    function test_submit_signerWithoutPermitOrNeuron_reverts() public {
        ICheckpointLedger.Checkpoint memory c = _checkpoint(3);
        bytes memory miner = _sign(0, c);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotPermitted.selector, 0, 1));
        checkpoints.submit(c, miner, none);
        bytes memory nobody = _sign(9, c);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotRegistered.selector, _hotkey(9)));
        checkpoints.submit(c, nobody, none);
        ICheckpointLedger.Checkpoint memory other = _checkpoint(2); // another's message recovers to somebody else
        bytes memory wrong = _sign(2, other);
        (bool passed, bytes memory reason) = address(checkpoints).call(
            abi.encodeCall(ICheckpointLedger.submit, (c, wrong, none))
        );
        vm.assertFalse(passed);
        vm.assertTrue(bytes4(reason) == IMetagraph.NotRegistered.selector);
    }

    function test_submit_malformedSignatures_revert() public {
        ICheckpointLedger.Checkpoint memory c = _checkpoint(3);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.BadSignatureLength.selector, 65));
        checkpoints.submit(c, new bytes(65), none);
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        checkpoints.submit(c, new bytes(64), none);
    }

    function test_submit_hotkeyThatIsAContract_isAsked() public {
        WalletHotkey wallet = new WalletHotkey();
        // The wallet consents to serve alice and takes over neuron 3.
        vm.prank(alice);
        metagraph.rotateHotkey(3, address(wallet), FOREVER, "good");
        ICheckpointLedger.Checkpoint memory c = _checkpoint(3);
        bytes memory other = _sign(3, c);
        ICheckpointLedger.ContractSignature[] memory list = new ICheckpointLedger.ContractSignature[](1);
        list[0] = ICheckpointLedger.ContractSignature(address(wallet), "bad");
        vm.expectRevert(abi.encodeWithSelector(ICheckpointLedger.InvalidSignature.selector, 0, address(wallet)));
        checkpoints.submit(c, other, list);
        list[0].signature = "good";
        checkpoints.submit(c, other, list);
    }

    function _submit(uint64 round) private {
        ICheckpointLedger.Checkpoint memory c = _checkpoint(round);
        checkpoints.submit(c, abi.encodePacked(_sign(3, c), _sign(2, c)), none);
    }

    function _checkpoint(uint64 round) private pure returns (ICheckpointLedger.Checkpoint memory) {
        return ICheckpointLedger.Checkpoint(round, ROOT, DIGEST, 77);
    }

    /// @dev Compact signature (ERC-2098) of the hotkey of `uid`.
    function _sign(uint256 uid, ICheckpointLedger.Checkpoint memory c) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(HOTKEY_BASE + uid, checkpoints.checkpointDigest(c));
        return abi.encodePacked(r, uint256(s) | (uint256(v - 27) << 255));
    }
}
