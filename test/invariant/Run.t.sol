// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochEngine} from "../../contracts/EpochEngine.sol";
import {UpdateLedger} from "../../contracts/UpdateLedger.sol";
import {WeightLedger} from "../../contracts/WeightLedger.sol";
import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {CommitStatus, CommitWordLibrary} from "../../contracts/libraries/CommitWord.sol";
import {WeftTest} from "../support/solidity/WeftTest.sol";
import {RunHandler} from "./RunHandler.t.sol";

/// @notice Stateful invariants of ledgers and epoch engine; numbers as in docs/invariants.md. Those on the time and the
/// author of a call (I20, I21, I25) are checked in the handler, at each action, too.
contract RunInvariants is WeftTest {
    uint256 private constant HOTKEYS = 8;
    uint256 private constant RING = 4;

    RunHandler private handler;
    UpdateLedger private updates;
    WeightLedger private weights;
    EpochEngine private engine;

    function setUp() public {
        handler = new RunHandler();
        handler.init();
        (updates, weights, engine) = handler.contracts();
        bytes4[] memory actions = new bytes4[](10);
        actions[0] = RunHandler.warp.selector;
        actions[1] = RunHandler.register.selector;
        actions[2] = RunHandler.commitUpdate.selector;
        actions[3] = RunHandler.revealUpdate.selector;
        actions[4] = RunHandler.attest.selector;
        actions[5] = RunHandler.commitWeights.selector;
        actions[6] = RunHandler.revealWeights.selector;
        actions[7] = RunHandler.settle.selector;
        actions[8] = RunHandler.warp.selector;
        actions[9] = RunHandler.warp.selector;
        _target(address(handler), actions);
    }

    /// One campaign for all of them: each sequence of actions is judged by every invariant.
    function invariant_all() public view {
        check_I20_I21_ledgerHoldsTheOneCommitmentOfEachHotkeyAndRound();
        check_I22_anEpochSettlesOnceAndInOrder();
        check_I23_aRowCountsForItsEpochAlone();
        check_I24_theLastSettlementPublishedTheNextWitness();
    }

    function check_I20_I21_ledgerHoldsTheOneCommitmentOfEachHotkeyAndRound() public view {
        uint256 current = handler.round();
        for (uint256 key = 0; key < HOTKEYS; key++) {
            uint256 oldest = current + 1 < RING ? 0 : current + 1 - RING;
            for (uint256 round = oldest; round <= current; round++) {
                (CommitStatus status, bytes32 hash) = updates.commitmentOf(handler.hotkey(key), round);
                vm.assertEq(uint256(status), uint256(handler.updateStatus(key, round)), "status");
                vm.assertEq(hash, handler.updateHash(key, round));
            }
        }
    }

    function check_I22_anEpochSettlesOnceAndInOrder() public view {
        vm.assertEq(engine.settledAny() ? 1 : 0, handler.settlements() == 0 ? 0 : 1);
        vm.assertEq(engine.lastSettledEpoch(), handler.lastSettled());
        for (uint256 epoch = 0; epoch <= handler.round() / 3; epoch++) vm.assertLe(handler.timesSettled(epoch), 1);
    }

    function check_I23_aRowCountsForItsEpochAlone() public view {
        for (uint256 key = 0; key < HOTKEYS; key++) {
            for (uint256 epoch = 0; epoch <= handler.round() / 3; epoch++) {
                bytes32 kept = weights.revealedRowHash(key, epoch);
                if (kept == 0) continue;
                vm.assertTrue(handler.weightStatus(key, epoch) == CommitStatus.Revealed, "a row nobody revealed");
                vm.assertEq(kept, CommitWordLibrary.truncate(keccak256(handler.rowOf(key, epoch))));
            }
        }
    }

    function check_I24_theLastSettlementPublishedTheNextWitness() public view {
        IEpochEngine.PreviousBonds memory bonds = handler.publishedBonds();
        vm.assertEq(engine.bondsHash(), keccak256(abi.encode(bonds.neuronIds, bonds.columns, keccak256(bonds.bonds))));
    }

    /// The handler can reach a settlement at all: two epochs, played in order.
    function test_handler_playedInOrder_settlesTwice() public {
        uint256 all = type(uint256).max;
        for (uint256 epoch = 0; epoch < 2; epoch++) {
            while (handler.round() < 3 * (epoch + 1)) handler.warp(50);
            handler.commitUpdate(0, 0, 0);
            handler.commitWeights(all);
            while (handler.round() < 3 * (epoch + 1) + 1) handler.warp(20);
            handler.revealWeights(all);
            while (handler.round() < 3 * (epoch + 1) + 2) handler.warp(20);
            handler.register(5 + epoch);
            handler.settle();
        }
        vm.assertEq(handler.settlements(), 2);
        vm.assertEq(engine.lastSettledEpoch(), 1);
    }
}
