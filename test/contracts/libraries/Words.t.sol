// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {BitList} from "../../../contracts/libraries/BitList.sol";
import {CommitStatus, CommitWord, CommitWordLibrary} from "../../../contracts/libraries/CommitWord.sol";
import {CreditList} from "../../../contracts/libraries/CreditList.sol";
import {EpochAmount, EpochAmountLib} from "../../../contracts/libraries/EpochAmount.sol";
import {FaultBook} from "../../../contracts/libraries/FaultBook.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

/// @notice The small words and lists that contracts keep.
contract WordsTest is WeftTest {
    EpochAmount private amount;

    // FaultBook

    function test_faultBook_addedAndRemoved_isFoundOnce() public pure {
        FaultBook book = FaultBook.wrap(0).add(0).add(7).add(9);
        (uint256 latest, bool any) = book.latest();
        vm.assertTrue(any);
        vm.assertEq(latest, 9);
        bool found;
        (book, found) = book.remove(9);
        vm.assertTrue(found);
        (, found) = book.remove(9);
        vm.assertFalse(found);
        (latest, ) = book.latest();
        vm.assertEq(latest, 7);
        (book, found) = book.remove(0);
        vm.assertTrue(found);
        (book, ) = book.remove(7);
        (, any) = book.latest();
        vm.assertFalse(any);
        vm.assertEq(FaultBook.unwrap(book), 0);
    }

    function test_faultBook_ninth_dropsTheOldest() public pure {
        FaultBook book = FaultBook.wrap(0);
        for (uint256 k = 0; k < 9; k++) book = book.add(k);
        bool found;
        (, found) = book.remove(0);
        vm.assertFalse(found);
        (, found) = book.remove(1);
        vm.assertTrue(found);
    }

    // CommitWord

    function testFuzz_commitWord_headerAndStatus_keepTheRest(uint32 period, bytes32 hash) public pure {
        CommitWord word = CommitWordLibrary.pack(period, CommitStatus.Committed, hash);
        CommitWord punished = word.withStatus(CommitStatus.Punished);
        (uint256 ofPeriod, CommitStatus status) = punished.header();
        vm.assertEq(ofPeriod, period);
        vm.assertTrue(status == CommitStatus.Punished);
        (, bytes32 kept) = punished.stateAt(period);
        vm.assertEq(kept, CommitWordLibrary.truncate(hash));
        (ofPeriod, status) = CommitWord.wrap(0).header();
        vm.assertEq(ofPeriod, 0);
        vm.assertTrue(status == CommitStatus.None);
    }

    // EpochAmount

    function test_epochAmount_beforeTheStart_movesAlong() public {
        amount.set(5, 0, false);
        vm.assertEq(amount.amountAt(0), 5);
        amount.set(6, 0, false);
        vm.assertEq(amount.amountAt(0), 6);
        amount.set(7, 0, true);
        vm.assertEq(amount.amountAt(0), 6);
        vm.assertEq(amount.amountAt(1), 7);
    }

    function test_epochAmount_severalChangesInAnEpoch_keepItsStart() public {
        amount.set(5, 3, true);
        amount.set(9, 3, true);
        vm.assertEq(amount.amountAt(3), 0);
        vm.assertEq(amount.amountAt(4), 9);
        amount.set(1, 8, true);
        vm.assertEq(amount.amountAt(8), 9);
        this.revertsAmountNotKept(7, 8);
    }

    function revertsAmountNotKept(uint256 epoch, uint256 kept) external {
        vm.expectRevert(abi.encodeWithSelector(EpochAmountLib.AmountNotKept.selector, epoch, kept));
        this.read(epoch);
    }

    function read(uint256 epoch) external view returns (uint256) {
        return amount.amountAt(epoch);
    }

    // CreditList

    function test_creditList_entries_standBackToBack() public pure {
        bytes memory list = CreditList.create(2, 2);
        vm.assertEq(list.length, 0);
        CreditList.append(list, 3, 5, 7);
        CreditList.append(list, type(uint64).max, type(uint128).max, 1);
        bytes memory expected = abi.encodePacked(
            uint64(3),
            uint128(5),
            uint128(7),
            type(uint64).max,
            type(uint128).max,
            uint128(1)
        );
        vm.assertEq(keccak256(list), keccak256(expected));
    }

    function test_creditList_full_touchesNothingBehindIt() public pure {
        bytes memory list = CreditList.create(3, 1);
        bytes memory behind = hex"a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0";
        for (uint256 k = 1; k <= 3; k++) CreditList.append(list, k, type(uint128).max);
        vm.assertEq(list.length, 72);
        vm.assertEq(behind.length, 32);
        vm.assertEq(
            keccak256(behind),
            keccak256(hex"a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0")
        );
    }

    function test_creditList_fieldsOneTooLarge_revertCreditTooLarge() public {
        uint256 tooMany = uint256(type(uint128).max) + 1;
        vm.expectRevert(abi.encodeWithSelector(CreditList.CreditTooLarge.selector, 1, tooMany));
        this.append(1, tooMany, 0);
        vm.expectRevert(abi.encodeWithSelector(CreditList.CreditTooLarge.selector, 1, tooMany));
        this.append(1, 0, tooMany);
        vm.expectRevert(abi.encodeWithSelector(CreditList.CreditTooLarge.selector, 1 << 64, 0));
        this.append(1 << 64, 0, 0);
    }

    function append(uint256 neuronId, uint256 first, uint256 second) external pure {
        CreditList.append(CreditList.create(1, 2), neuronId, first, second);
    }

    // BitList

    function test_positions_someAllAndNone() public pure {
        vm.assertEq(BitList.positions(0).length, 0);
        uint256[] memory two = BitList.positions((1 << 255) | 2);
        vm.assertEq(two.length, 2);
        vm.assertEq(two[0], 1);
        vm.assertEq(two[1], 255);
        uint256[] memory all = BitList.positions(type(uint256).max);
        vm.assertEq(all.length, 256);
        for (uint256 k = 0; k < 256; k++) vm.assertEq(all[k], k, "position");
    }
}
