// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";
import {YumaForm} from "../support/solidity/YumaForm.sol";

/// A full metagraph, in which a newcomer takes the uid of the miner with the lowest incentive.
contract EpochEngineMasksTest is RunSystem {
    function setUp() public {
        _deployRun();
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
    }

    function test_settleEpoch_uidReplacedSinceTheBoundary_hasNeitherWeightNorBonds() public {
        _toRound(12, 0);
        (uint256 newcomer, uint256 uid) = _register(alice, 9);
        vm.assertEq(uid, 1);
        _weigh(3);
        IEpochEngine.Witness memory witness = _witness(_firstBonds());
        _prove(witness, witness.rows, 1 << uid);
        engine.settleEpoch(3, witness);

        (uint256 earned, ) = emission.earned(newcomer);
        vm.assertEq(earned, 0);
        vm.assertEq(metagraph.incentiveOf(uid), 0);
        _assertBondsOnUid0Alone();
    }

    function test_settleEpoch_uidReplacedEpochsBefore_hasWeightButNotItsPredecessorsBonds() public {
        _toRound(12, 0);
        (uint256 newcomer, ) = _register(alice, 9);
        _weigh(4);
        engine.settleEpoch(4, _witness(_firstBonds()));

        (uint256 earned, ) = emission.earned(newcomer);
        vm.assertGt(earned, 0);
        IEpochEngine.PreviousBonds memory first = _firstBonds();
        // The newcomer's column starts from nothing, as in a first settlement; that of uid 0 goes on.
        uint256 second = YumaForm.unpackBonds(first.bonds, 2, UIDS)[0][1];
        _assertBonds(_decayedAndGrown(3 << 30), second);
    }

    function _assertBondsOnUid0Alone() private view {
        // Without the newcomer each row is all uid 0's.
        _assertBonds(_decayedAndGrown(1 << 32), 0);
    }

    /// @dev Bond on uid 0 after a second settlement with this Q32 weight.
    function _decayedAndGrown(uint256 weight) private pure returns (uint256) {
        uint256 before = YumaForm.unpackBonds(_firstBonds().bonds, 2, UIDS)[0][0];
        uint256 kept = (((1 << 32) - ALPHA) * ((before << 32) / 65_535)) >> 32;
        return ((((ALPHA * weight) >> 32) + kept) * 65_535) >> 32;
    }

    function _assertBonds(uint256 onUid0, uint256 onUid1) private view {
        uint256[][] memory bonds = new uint256[][](2);
        for (uint256 i = 0; i < 2; i++) {
            bonds[i] = new uint256[](UIDS);
            (bonds[i][0], bonds[i][1]) = (onUid0, onUid1);
        }
        vm.assertEq(engine.bondsHash(), keccak256(abi.encode(_two(3, 4), UIDS, keccak256(YumaForm.packBonds(bonds)))));
    }

    function _runParameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = super._runParameters();
        p.maxUids = UIDS;
    }
}
