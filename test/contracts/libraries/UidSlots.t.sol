// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {UidSlots} from "../../../contracts/libraries/UidSlots.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract UidSlotsTest is WeftTest {
    using UidSlots for uint256[64];

    uint256[64] private slots;
    mapping(uint256 uid => uint256[2]) private plain;

    function put(uint256 uid, uint256 neuronId, uint256 epoch) external {
        slots.put(uid, neuronId, epoch);
    }

    function test_put_bothSidesOfTheLastEpoch() public {
        this.put(255, 1, (1 << 28) - 1);
        (uint256 id, uint256 epoch) = slots.holderOf(255);
        vm.assertEq(id, 1);
        vm.assertEq(epoch, (1 << 28) - 1);
        vm.expectRevert(abi.encodeWithSelector(UidSlots.EpochTooLate.selector, 1 << 28, (1 << 28) - 1));
        this.put(0, 1, 1 << 28);
    }

    function testFuzz_put_manyTimes_readsBackLikeAPlainMap(uint8[12] memory uids, uint64[12] memory values) public {
        for (uint256 i = 0; i < 12; i++) {
            (uint256 id, uint256 epoch) = (values[i] & ((1 << 36) - 1), values[i] >> 36);
            slots.put(uids[i], id, epoch);
            plain[uids[i]] = [id, epoch];
        }
        uint256[] memory ids = slots.neuronIds(256);
        for (uint256 uid = 0; uid < 256; uid++) {
            (uint256 id, uint256 epoch) = slots.holderOf(uid);
            vm.assertEq(id, plain[uid][0], "neuronId of a uid");
            vm.assertEq(epoch, plain[uid][1], "epoch of a uid");
            vm.assertEq(ids[uid], id, "neuronIds of a uid");
        }
    }
}
