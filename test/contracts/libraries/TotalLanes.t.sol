// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TotalLanes} from "../../../contracts/libraries/TotalLanes.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract TotalLanesTest is WeftTest {
    using TotalLanes for mapping(uint256 => uint256);

    uint256 private constant MOST = (1 << 85) - 1;
    mapping(uint256 => uint256) private totals;
    mapping(uint256 neuronId => uint256) private plain;

    function add(uint256 neuronId, uint256 amount) external {
        totals.add(neuronId, amount);
    }

    function addAll(uint256[] calldata neuronIds, uint256[] memory amounts) external {
        totals.addAll(neuronIds, amounts);
    }

    function test_add_bothSidesOfTheLargestTotal_inEveryLane() public {
        for (uint256 id = 3; id < 6; id++) {
            this.add(id, 1);
            this.add(id, MOST - 1);
        }
        for (uint256 id = 3; id < 6; id++) {
            vm.assertEq(totals.totalOf(id), MOST, "the whole lane");
            vm.expectRevert(abi.encodeWithSelector(TotalLanes.TotalTooLarge.selector, id, MOST + 1));
            this.add(id, 1);
            this.add(id, 0);
        }
        vm.assertEq(totals.totalOf(2), 0, "the word before");
        vm.assertEq(totals.totalOf(6), 0, "the word behind");
    }

    function test_addAll_oneTooLarge_revertsTotalTooLargeAndAddsNothing() public {
        uint256[] memory ids = new uint256[](2);
        uint256[] memory amounts = new uint256[](2);
        (ids[0], ids[1]) = (7, 8);
        (amounts[0], amounts[1]) = (5, MOST + 1);
        vm.expectRevert(abi.encodeWithSelector(TotalLanes.TotalTooLarge.selector, 8, MOST + 1));
        this.addAll(ids, amounts);
        vm.assertEq(totals.totalOf(7), 0);
    }

    function test_addAll_anotherCapOfTheToken_fits() public {
        this.add(1, 21_000_000e18);
        vm.assertEq(totals.totalOf(1), 21_000_000e18);
    }

    /// Neighbours, repetitions, zeros and any order: the same as one by one in a map of words.
    function testFuzz_addAll_anyList_addsLikeAPlainMap(uint8[20] memory ids, uint80[20] memory amounts) public {
        for (uint256 time = 0; time < 2; time++) {
            uint256[] memory list = new uint256[](20);
            uint256[] memory given = new uint256[](20);
            for (uint256 i = 0; i < 20; i++) {
                list[i] = ids[i] % (time == 0 ? 256 : 10);
                given[i] = amounts[i] % 4 == 0 ? 0 : amounts[i];
                plain[list[i]] += given[i];
            }
            this.addAll(list, given);
        }
        for (uint256 id = 0; id < 256; id++) vm.assertEq(totals.totalOf(id), plain[id], "a total");
    }
}
