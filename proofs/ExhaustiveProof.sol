// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IncentiveLanes} from "../contracts/libraries/IncentiveLanes.sol";
import {PackedU16} from "../contracts/libraries/PackedU16.sol";
import {PackedU64} from "../contracts/libraries/PackedU64.sol";
import {Q32} from "../contracts/libraries/Q32.sol";
import {L33, U16_TO_Q32} from "../contracts/libraries/YumaLayout.sol";

/// @notice Properties that are run for every u16, in batches [from, to) below a block's gas.
contract ExhaustiveProof {
    using IncentiveLanes for uint256[18];

    uint256[18] private _incentives;

    /// @notice A u16 as a share is the floor of v / 65535, strictly grows, and loses at most one on the way back; none and
    /// all lose nothing.
    function conversions(uint256 from, uint256 to) external pure {
        for (uint256 v = from; v < to; v++) {
            uint256 share = Q32.fromU16(v);
            assert(share * 65535 <= v << 32 && v << 32 < (share + 1) * 65535);
            assert(share <= Q32.ONE && (share == Q32.ONE) == (v == 65535));
            assert(share < Q32.fromU16(v + 1));
            uint256 back = Q32.toU16Down(share);
            assert(back == (v == 0 || v == 65535 ? v : v - 1));
            assert(Q32.toU16Down(share + 1) == v || v == 65535);
        }
    }

    /// @notice The lanes' bond from a u16, by multiplication, is `Q32.fromU16`.
    function laneBond(uint256 from, uint256 to) external pure {
        for (uint256 v = from; v < to; v++) assert(((v * U16_TO_Q32) >> 32) & L33 == Q32.fromU16(v));
    }

    /// @notice Packed shares are `Q32.toU16Down` of each. The smallest share of each u16 and the one below it.
    function packedU16(uint256 from, uint256 to) external pure {
        uint256[] memory shares = new uint256[](2 * (to - from));
        for (uint256 v = from; v < to; v++) {
            uint256 smallest = ((v << 32) + 65534) / 65535;
            shares[2 * (v - from)] = smallest;
            shares[2 * (v - from) + 1] = smallest == 0 ? 0 : smallest - 1;
        }
        bytes memory packed = PackedU16.packSharesDown(shares);
        assert(packed.length == 2 * shares.length);
        for (uint256 k = 0; k < shares.length; k++) {
            uint256 value = (uint256(uint8(packed[2 * k])) << 8) | uint8(packed[2 * k + 1]);
            assert(value == Q32.toU16Down(shares[k]));
            uint256 v = from + k / 2;
            assert(value == (k % 2 == 0 || v == 0 ? v : v - 1));
        }
    }

    /// @notice Packed u64 read back, each u16 in each quarter, its neighbours all ones.
    function packedU64(uint256 from, uint256 to) external pure {
        uint256[] memory values = new uint256[](4 * (to - from));
        for (uint256 k = 0; k < values.length; k++) {
            uint256 shift = 16 * (k % 4);
            values[k] = (uint256(type(uint64).max) & ~(uint256(65535) << shift)) | ((from + k / 4) << shift);
        }
        bytes memory packed = PackedU64.pack(values);
        assert(packed.length == 8 * values.length);
        for (uint256 k = 0; k < values.length; k++) {
            uint256 value;
            for (uint256 i = 8 * k; i < 8 * k + 8; i++) value = (value << 8) | uint8(packed[i]);
            assert(value == values[k]);
        }
    }

    /// @notice Written incentives read back. Lists of 256 values start at every 17th u16, so that every u16 stands in every
    /// one of the fifteen lanes.
    function incentives(uint256 from, uint256 to) external {
        for (uint256 v = from + ((17 - (from % 17)) % 17); v < to; v += 17) {
            bytes memory list = new bytes(512);
            for (uint256 uid = 0; uid < 256; uid++) {
                list[2 * uid] = bytes1(uint8((v + uid) >> 8));
                list[2 * uid + 1] = bytes1(uint8(v + uid));
            }
            this.writeIncentives(list);
            for (uint256 uid = 0; uid < 256; uid++) assert(_incentives.valueOf(uid) == (v + uid) % 65536);
            for (uint256 word = 0; word < 18; word++) assert(_incentives[word] >> 240 == 1);
        }
    }

    /// @notice For `incentives`: a list in calldata.
    function writeIncentives(bytes calldata packed) external {
        _incentives.write(packed);
    }
}
