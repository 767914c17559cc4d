// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {PackedU16} from "../../contracts/libraries/PackedU16.sol";
import {MedianHints} from "../support/solidity/MedianHints.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// The largest epoch there is: 16 validators on uids 2 … 17, 64 uids, every weight given.
contract EpochEngineLimitsTest is RunSystem {
    uint256 private constant TRANSACTION_GAS_LIMIT = 16_777_216; // EIP-7825
    uint256 private constant ALL_UIDS = 64;
    uint256 private constant ALL_VALIDATORS = 16;

    function setUp() public {
        _deployRun();
        for (uint256 uid = UIDS; uid < ALL_UIDS; uid++) _register(alice, uid);
        for (uint256 uid = UIDS; uid < MINERS + ALL_VALIDATORS; uid++) {
            _stake(alice, uid + 1, 200e18 + uid * 1e18);
            _claimPermit(uid);
        }
    }

    function test_settleEpoch_16ValidatorsAnd64Uids_fitsInOneTransaction() public {
        _settle(0);
        vm.assertEq(engine.lastSettledEpoch(), 0);
        vm.assertTrue(engine.settledAny());
        vm.assertGt(metagraph.incentiveOf(63), 0);
    }

    function _settle(uint256 epoch) private {
        uint256 first = (epoch + 1) * 3;
        IEpochEngine.Witness memory witness = _denseWitness(epoch);
        _toRound(first, 0);
        for (uint256 i = 0; i < ALL_VALIDATORS; i++) _commitWeights(MINERS + i, epoch, witness.rows[i]);
        _toRound(first + 1, 0);
        for (uint256 i = 0; i < ALL_VALIDATORS; i++) _revealWeights(MINERS + i, epoch, witness.rows[i]);
        _toRound(first + 2, 0);
        bytes memory call = abi.encodeCall(IEpochEngine.settleEpoch, (epoch, witness));
        uint256 left = gasleft();
        engine.settleEpoch(epoch, witness);
        uint256 used = left - gasleft() + 21_000 + 16 * call.length;
        vm.assertLe(used, TRANSACTION_GAS_LIMIT);
    }

    function _denseWitness(uint256 epoch) private view returns (IEpochEngine.Witness memory witness) {
        witness.rows = new bytes[](ALL_VALIDATORS);
        uint256[] memory staked = new uint256[](ALL_VALIDATORS);
        uint256[][] memory counted = new uint256[][](ALL_VALIDATORS);
        for (uint256 i = 0; i < ALL_VALIDATORS; i++) {
            counted[i] = new uint256[](ALL_UIDS);
            for (uint256 j = 0; j < ALL_UIDS; j++) {
                counted[i][j] = 1 + (uint256(keccak256(abi.encode(epoch, i, j))) % 65_535);
            }
            witness.rows[i] = PackedU16.pack(counted[i]);
            counted[i][MINERS + i] = 0;
            staked[i] = stakes.poolAssets(MINERS + i + 1);
        }
        witness.medianHints = MedianHints.find(staked, counted, engine.kappaQ32());
    }

    function _runParameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = super._runParameters();
        (p.maxUids, p.maxValidators, p.maxRegistrationsPerEpoch) = (ALL_UIDS, ALL_VALIDATORS, ALL_UIDS);
    }
}
