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

    function test_creditList_twoAmounts_standBackToBackWithoutZeros() public view {
        uint256[] memory ids = _three(3, 4, type(uint64).max);
        bytes memory list = this.pack(ids, _three(5, 0, type(uint128).max), _three(7, 0, 1));
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

    function test_creditList_ofAnyLength_sharesNoMemoryWithWhatComesBehind() public view {
        for (uint256 count = 0; count < 9; count++) {
            uint256[] memory ids = new uint256[](count);
            bytes memory expected;
            for (uint256 i = 0; i < count; i++) {
                ids[i] = i + 1;
                expected = abi.encodePacked(expected, uint64(i + 1), uint128(i + 1));
            }
            (bytes memory list, bytes memory behind) = this.packBeforeOther(ids, ids);
            vm.assertEq(keccak256(list), keccak256(expected));
            vm.assertEq(keccak256(behind), keccak256(bytes("behind the list")));
        }
    }

    function test_creditList_nobody_isEmpty() public view {
        vm.assertEq(this.pack(new uint256[](0), new uint256[](0), new uint256[](0)).length, 0);
        vm.assertEq(this.pack(_three(1, 2, 3), new uint256[](3), new uint256[](3)).length, 0);
    }

    function test_creditList_fieldsOneTooLarge_revertCreditTooLarge() public {
        uint256 most = type(uint128).max;
        _rejects(1, most + 1, 0);
        _rejects(1, 1, most + 1);
        _rejects(1 << 64, 1, 0);
        this.pack(_three((1 << 64) - 1, 0, 0), _three(most, 0, 0), _three(most, 0, 0));
    }

    function _rejects(uint256 id, uint256 amount, uint256 part) private {
        vm.expectRevert(abi.encodeWithSelector(CreditList.CreditTooLarge.selector, id, amount, part));
        this.pack(_three(5, id, 7), _three(0, amount, 1), _three(0, part, 1));
    }

    function _three(uint256 a, uint256 b, uint256 c) private pure returns (uint256[] memory list) {
        list = new uint256[](3);
        (list[0], list[1], list[2]) = (a, b, c);
    }

    function pack(
        uint256[] calldata ids,
        uint256[] memory amounts,
        uint256[] memory parts
    ) external pure returns (bytes memory) {
        return CreditList.pack(ids, amounts, parts);
    }

    function packBeforeOther(
        uint256[] calldata ids,
        uint256[] memory amounts
    ) external pure returns (bytes memory list, bytes memory behind) {
        list = CreditList.pack(ids, amounts);
        behind = bytes("behind the list");
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
