// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochEngine} from "../../contracts/EpochEngine.sol";
import {UpdateLedger} from "../../contracts/UpdateLedger.sol";
import {WeightLedger} from "../../contracts/WeightLedger.sol";
import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IPhased} from "../../contracts/interfaces/IPhased.sol";
import {IUpdateLedger} from "../../contracts/interfaces/IUpdateLedger.sol";
import {IWeightLedger} from "../../contracts/interfaces/IWeightLedger.sol";
import {CommitStatus, CommitWordLibrary} from "../../contracts/libraries/CommitWord.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// @notice What the recorder of events gives back.
struct Log {
    bytes32[] topics;
    bytes data;
    address emitter;
}

interface VmLogs {
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
}

/// @notice Participants that do everything at random times. Every action justifies its outcome: a success must have
/// been due, and a revert must carry the error whose condition held.
contract RunHandler is RunSystem {
    uint256 private constant HOTKEYS = 8;

    /// @notice State and kept hash of every hotkey's commitments, as the outcomes of the calls say.
    mapping(uint256 key => mapping(uint256 round => CommitStatus)) public updateStatus;
    mapping(uint256 key => mapping(uint256 round => bytes32)) public updateHash;
    mapping(uint256 key => mapping(uint256 epoch => CommitStatus)) public weightStatus;
    mapping(uint256 key => mapping(uint256 epoch => bytes)) public rowOf;

    mapping(uint256 epoch => uint256) public timesSettled;
    uint256 public settlements;
    uint256 public lastSettled;
    IEpochEngine.PreviousBonds private published;

    function init() external {
        _deployRun();
        _toRound(2, 90);
    }

    function contracts() external view returns (UpdateLedger, WeightLedger, EpochEngine) {
        return (updates, weights, engine);
    }

    function hotkey(uint256 key) external pure returns (address) {
        return _hotkey(key);
    }

    function publishedBonds() external view returns (IEpochEngine.PreviousBonds memory) {
        return published;
    }

    function round() public view returns (uint256) {
        return (block.timestamp - GENESIS) / 100;
    }

    function _offset() private view returns (uint256) {
        return (block.timestamp - GENESIS) % 100;
    }

    function _unexplained(bytes memory reason) private pure {
        vm.assertTrue(false, string(abi.encodePacked("unexplained revert ", reason)));
    }

    /// @dev The current round four times out of six, else a neighbour.
    function _someRound(uint256 seed) private view returns (uint256) {
        if (seed % 6 == 4) return round() - 1;
        return seed % 6 == 5 ? round() + 1 : round();
    }

    // Actions

    function warp(uint256 by) external {
        vm.warp(block.timestamp + _bound(by, 1, 60));
    }

    function register(uint256 key) external {
        key = key % HOTKEYS;
        (uint256 serves, ) = metagraph.neuronOf(_hotkey(key));
        if (serves == 0) _register(alice, key);
    }

    function commitUpdate(uint256 key, uint256 when, bytes32 commitment) external {
        (uint256 uid, uint256 given) = (key % HOTKEYS, _someRound(when));
        if (when % 2 == 0) commitment = _commitmentBy(uid, given);
        vm.prank(_hotkey(uid));
        try updates.commitUpdate(given, DIGEST, SIZE, commitment) {
            vm.assertEq(given, round(), "I20: committed in another round");
            vm.assertLt(_offset(), 50);
            vm.assertTrue(updateStatus[uid][given] == CommitStatus.None, "I21: committed twice");
            updateStatus[uid][given] = CommitStatus.Committed;
            updateHash[uid][given] = CommitWordLibrary.truncate(_bound(commitment));
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IPhased.WrongRound.selector) vm.assertTrue(given != round(), "was the round");
            else if (selector == IPhased.WrongPhase.selector) vm.assertGe(_offset(), 50, "was the phase");
            else if (selector == IUpdateLedger.AlreadyCommitted.selector) {
                vm.assertTrue(updateStatus[uid][given] != CommitStatus.None, "had not committed");
            } else _unexplained(reason);
        }
    }

    /// @dev Commitment of whatever neuron the hotkey serves now, of no neuron where it serves none.
    function _commitmentBy(uint256 key, uint256 given) private view returns (bytes32) {
        (uint256 neuronId, ) = metagraph.neuronOf(_hotkey(key));
        return updates.updateCommitment(neuronId, given, DIGEST, SIZE, DATA_ROOT, SALT);
    }

    function revealUpdate(uint256 key, uint256 when) external {
        (uint256 uid, uint256 given) = (key % HOTKEYS, _someRound(when));
        bytes32 opened = CommitWordLibrary.truncate(_bound(_commitmentBy(uid, given)));
        (uint256 neuronId, ) = metagraph.neuronOf(_hotkey(uid));
        CommitStatus status = updateStatus[uid][given];
        vm.prank(_hotkey(uid));
        try updates.revealUpdate(given, DIGEST, SIZE, DATA_ROOT, SALT) {
            vm.assertEq(given, round(), "I20: revealed in another round");
            vm.assertTrue(_offset() >= 50 && _offset() < 75, "I20: revealed in another phase");
            vm.assertTrue(status == CommitStatus.Committed, "I20: revealed what was not committed");
            vm.assertEq(opened, updateHash[uid][given]);
            vm.assertTrue(neuronId != 0, "revealed by nobody");
            updateStatus[uid][given] = CommitStatus.Revealed;
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IPhased.WrongRound.selector) vm.assertTrue(given != round(), "was the round");
            else if (selector == IPhased.WrongPhase.selector) {
                vm.assertTrue(_offset() < 50 || _offset() >= 75, "was the phase");
            } else if (selector == IMetagraph.NotRegistered.selector) vm.assertEq(neuronId, 0);
            else if (selector == IUpdateLedger.NoCommitment.selector) {
                vm.assertTrue(status == CommitStatus.None, "had committed");
            } else if (selector == IUpdateLedger.AlreadyRevealed.selector) {
                vm.assertTrue(status == CommitStatus.Revealed, "had not revealed");
            } else if (selector == IUpdateLedger.WrongReveal.selector) {
                vm.assertTrue(opened != updateHash[uid][given], "was the commitment");
            } else _unexplained(reason);
        }
    }

    function attest(uint256 key, uint256 when, uint256 bitmap) external {
        (uint256 uid, uint256 given) = (key % HOTKEYS, _someRound(when));
        (uint256 neuronId, uint256 held) = metagraph.neuronOf(_hotkey(uid));
        vm.prank(_hotkey(uid));
        try attestations.attest(given, bitmap) {
            vm.assertEq(given, round(), "I25: attested another round");
            vm.assertGe(_offset(), 75, "I25: attested in another phase");
            vm.assertEq((metagraph.permitsAt(given / 3) >> held) & 1, 1, "I25: attested without a permit");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IPhased.WrongRound.selector) vm.assertTrue(given != round(), "was the round");
            else if (selector == IPhased.WrongPhase.selector) vm.assertLt(_offset(), 75);
            else if (selector == IMetagraph.NotRegistered.selector) vm.assertEq(neuronId, 0);
            else if (selector == IMetagraph.NotPermitted.selector) {
                vm.assertEq((metagraph.permitsAt(given / 3) >> held) & 1, 0);
            } else _unexplained(reason);
        }
    }

    /// @dev Each validator commits to a row of its own, seven times out of eight.
    function commitWeights(uint256 seed) external {
        for (uint256 uid = MINERS; uid < UIDS; uid++) {
            if ((seed >> (3 * uid)) % 8 != 0) _tryCommitWeights(uid, seed);
        }
    }

    function _tryCommitWeights(uint256 uid, uint256 seed) private {
        uint256 epoch = round() / 3 - (round() >= 3 ? 1 : 0);
        bytes memory row = _randomRow(seed, uid);
        bytes32 commitment = weights.weightsCommitment(uid + 1, epoch, row, SALT);
        vm.prank(_hotkey(uid));
        try weights.commitWeights(epoch, commitment, DIGEST, SIZE) {
            vm.assertEq(round(), 3 * (epoch + 1), "I23: weights committed in another round");
            vm.assertTrue(weightStatus[uid][epoch] == CommitStatus.None, "I23: weights committed twice");
            weightStatus[uid][epoch] = CommitStatus.Committed;
            rowOf[uid][epoch] = row;
        } catch (bytes memory reason) {
            if (bytes4(reason) == IWeightLedger.WrongWindow.selector) vm.assertTrue(round() != 3 * (epoch + 1));
            else if (bytes4(reason) == IWeightLedger.AlreadyCommitted.selector) {
                vm.assertTrue(weightStatus[uid][epoch] != CommitStatus.None, "had not committed weights");
            } else _unexplained(reason);
        }
    }

    function revealWeights(uint256 seed) external {
        for (uint256 uid = MINERS; uid < UIDS; uid++) {
            if ((seed >> (3 * uid)) % 8 != 0) _tryRevealWeights(uid);
        }
    }

    function _tryRevealWeights(uint256 uid) private {
        uint256 epoch = round() / 3 - (round() >= 3 ? 1 : 0);
        CommitStatus status = weightStatus[uid][epoch];
        bytes memory row = rowOf[uid][epoch];
        vm.prank(_hotkey(uid));
        try weights.revealWeights(epoch, row, SALT) {
            vm.assertEq(round(), 3 * (epoch + 1) + 1, "I23: weights revealed in another round");
            vm.assertTrue(status == CommitStatus.Committed, "I23: weights revealed that were not committed");
            weightStatus[uid][epoch] = CommitStatus.Revealed;
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IWeightLedger.WrongWindow.selector) vm.assertTrue(round() != 3 * (epoch + 1) + 1);
            else if (selector == IWeightLedger.NoCommitment.selector) {
                vm.assertTrue(status == CommitStatus.None, "had committed weights");
            } else if (selector == IWeightLedger.AlreadyRevealed.selector) {
                vm.assertTrue(status == CommitStatus.Revealed, "had not revealed weights");
            } else _unexplained(reason);
        }
    }

    function settle() external {
        uint256 epoch = round() / 3 - (round() >= 3 ? 1 : 0);
        (IEpochEngine.Witness memory witness, bool revealed) = _witnessOf(epoch);
        VmLogs(address(vm)).recordLogs();
        try engine.settleEpoch(epoch, witness) {
            vm.assertEq(round(), 3 * (epoch + 1) + 2, "I22: settled in another round");
            vm.assertTrue(revealed, "I22: settled without a row");
            vm.assertTrue(settlements == 0 || epoch > lastSettled, "I22: settled backwards");
            timesSettled[epoch]++;
            (settlements, lastSettled) = (settlements + 1, epoch);
            _notePublished();
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IEpochEngine.WrongWindow.selector) vm.assertTrue(round() != 3 * (epoch + 1) + 2);
            else if (selector == IEpochEngine.AlreadySettled.selector) vm.assertEq(timesSettled[epoch], 1);
            else if (selector == IEpochEngine.NothingRevealed.selector) vm.assertFalse(revealed);
            else _unexplained(reason);
        }
    }

    /// @dev Witness from what the handler saw revealed and published.
    function _witnessOf(uint256 epoch) private view returns (IEpochEngine.Witness memory witness, bool revealed) {
        (, uint256 fresh, , ) = metagraph.settlementView();
        witness.rows = new bytes[](VALIDATORS);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            uint256 uid = MINERS + i;
            if (weightStatus[uid][epoch] != CommitStatus.Revealed) continue;
            (revealed, witness.rows[i]) = (true, rowOf[uid][epoch]);
        }
        witness.previous = published;
        _prove(witness, witness.rows, fresh);
    }

    /// @dev What `EpochSettled` published for the next witness.
    function _notePublished() private {
        Log[] memory logs = VmLogs(address(vm)).getRecordedLogs();
        for (uint256 k = 0; k < logs.length; k++) {
            if (logs[k].topics[0] != IEpochEngine.EpochSettled.selector) continue;
            (, uint256[] memory ids, bytes memory incentives, , , bytes memory bonds) = abi.decode(
                logs[k].data,
                (uint256, uint256[], bytes, bytes, bytes, bytes)
            );
            published = IEpochEngine.PreviousBonds(ids, incentives.length / 8, bonds);
        }
    }

    /// @dev Weights for eight uids; some name uids that nobody holds.
    function _randomRow(uint256 seed, uint256 uid) private pure returns (bytes memory) {
        return abi.encodePacked(bytes16(keccak256(abi.encode(seed, uid))));
    }
}
