// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IncentiveLanes} from "../../../contracts/libraries/IncentiveLanes.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract IncentiveLanesTest is WeftTest {
    using IncentiveLanes for uint256[18];

    uint256[18] private lanes;

    function write(bytes calldata packed) external {
        lanes.write(packed);
    }

    function test_write_256Values_readBackAndLeaveNoWordZero() public {
        bytes memory packed;
        for (uint256 i = 0; i < 256; i++) {
            packed = abi.encodePacked(packed, uint16(i * 257));
        }
        this.write(packed);
        for (uint256 i = 0; i < 256; i++) {
            vm.assertEq(lanes.valueOf(i), i * 257, "a value");
        }
        this.write(new bytes(512));
        for (uint256 i = 0; i < 18; i++) {
            vm.assertGt(lanes[i], 0);
        }
    }

    function testFuzz_write_anyRow_readsBackPerUid(uint16[40] memory values, uint8 count) public {
        uint256 length = count % 41;
        bytes memory packed;
        for (uint256 i = 0; i < length; i++) {
            packed = abi.encodePacked(packed, values[i]);
        }
        this.write(packed);
        for (uint256 i = 0; i < 40; i++) {
            vm.assertEq(lanes.valueOf(i), i < length ? values[i] : 0, "a value");
        }
    }

    function testFuzz_clear_oneUid_leavesTheOthers(uint16[40] memory values, uint8 which) public {
        uint256 uid = which % 40;
        bytes memory packed;
        for (uint256 i = 0; i < 40; i++) {
            packed = abi.encodePacked(packed, values[i]);
        }
        this.write(packed);
        lanes.clear(uid);
        for (uint256 i = 0; i < 40; i++) {
            vm.assertEq(lanes.valueOf(i), i == uid ? 0 : values[i], "a value");
        }
    }
}
