// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";
import {YumaForm} from "../support/solidity/YumaForm.sol";

/// The largest epoch there is: 64 validators on uids 2 … 65, 256 uids, every weight given, twice.
contract EpochEngineLimitsTest is RunSystem {
    uint256 private constant TRANSACTION_GAS_LIMIT = 16_777_216; // EIP-7825
    uint256 private constant ALL_UIDS = 256;
    uint256 private constant ALL_VALIDATORS = 64;

    function setUp() public {
        _deployRun();
        for (uint256 uid = UIDS; uid < ALL_UIDS; uid++) _register(alice, uid);
        for (uint256 uid = UIDS; uid < MINERS + ALL_VALIDATORS; uid++) {
            _stake(alice, uid + 1, 200e18 + uid * 1e18);
            _claimPermit(uid);
        }
    }

    function test_settleEpoch_64ValidatorsAnd256Uids_fitsInOneTransaction() public {
        IEpochEngine.PreviousBonds memory none;
        uint256 used = _settle(0, none);
        vm.assertEq(engine.lastSettledEpoch(), 0);
        vm.assertTrue(engine.settledAny());
        vm.assertGt(metagraph.incentiveOf(255), 0);
        vm.assertLe(used, TRANSACTION_GAS_LIMIT);
    }

    function _settle(uint256 epoch, IEpochEngine.PreviousBonds memory previous) private returns (uint256 used) {
        uint256 first = (epoch + 1) * 3;
        IEpochEngine.Witness memory witness;
        witness.previous = previous;
        witness.rows = new bytes[](ALL_VALIDATORS);
        for (uint256 i = 0; i < ALL_VALIDATORS; i++) witness.rows[i] = _denseRow(epoch, i);
        _toRound(first, 0);
        for (uint256 i = 0; i < ALL_VALIDATORS; i++) _commitWeights(MINERS + i, epoch, witness.rows[i]);
        _toRound(first + 1, 0);
        for (uint256 i = 0; i < ALL_VALIDATORS; i++) _revealWeights(MINERS + i, epoch, witness.rows[i]);
        _toRound(first + 2, 0);
        _prove(witness, witness.rows, 0);
        bytes memory call = abi.encodeCall(IEpochEngine.settleEpoch, (epoch, witness));
        used = gasleft();
        engine.settleEpoch(epoch, witness);
        used = used - gasleft() + 21_000 + 16 * call.length;
    }

    function _denseRow(uint256 epoch, uint256 i) private pure returns (bytes memory) {
        uint256[] memory row = new uint256[](ALL_UIDS);
        for (uint256 j = 0; j < ALL_UIDS; j++) row[j] = 1 + (uint256(keccak256(abi.encode(epoch, i, j))) % 65_535);
        return YumaForm.packRow(row);
    }

    function _runParameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = super._runParameters();
        (p.maxUids, p.maxValidators, p.maxRegistrationsPerEpoch) = (ALL_UIDS, ALL_VALIDATORS, ALL_UIDS);
        (p.initialBurn, p.minBurn, p.maxBurn) = (1e18, 1e18, 1e18);
    }
}
