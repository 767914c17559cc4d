// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {RoundClockLib} from "../../contracts/libraries/RoundClock.sol";
import {Yuma} from "../../contracts/libraries/Yuma.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// Windows, witnesses and what a settlement leaves behind.
contract EpochEngineTest is RunSystem {
    function setUp() public {
        _deployRun();
    }

    // The window

    function test_settleEpoch_thirdRoundOfTheNextEpoch_settles() public {
        _weigh(0);
        vm.assertFalse(engine.settledAny());
        engine.settleEpoch(0, _witness(_noBonds()));
        vm.assertTrue(engine.settledAny());
        vm.assertEq(engine.lastSettledEpoch(), 0);
    }

    function test_settleEpoch_lastSecondOfTheWindow_settles() public {
        _weigh(0);
        _toRound(5, 99);
        engine.settleEpoch(0, _witness(_noBonds()));
    }

    function test_settleEpoch_outsideOfTheWindow_revertsWrongWindow() public {
        _weigh(0);
        _toRound(4, 99);
        _expectRevert(0, abi.encodeWithSelector(IEpochEngine.WrongWindow.selector, 0, 4, 5, 6));
        _toRound(6, 0);
        _expectRevert(0, abi.encodeWithSelector(IEpochEngine.WrongWindow.selector, 0, 6, 5, 6));
        _toRound(5, 0);
        _expectRevert(1, abi.encodeWithSelector(IEpochEngine.WrongWindow.selector, 1, 5, 8, 9));
    }

    function test_settleEpoch_beforeGenesis_revertsBeforeGenesis() public {
        _expectRevert(0, abi.encodeWithSelector(RoundClockLib.BeforeGenesis.selector, block.timestamp, GENESIS));
    }

    function test_settleEpoch_twice_revertsAlreadySettled() public {
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        _expectRevert(0, abi.encodeWithSelector(IEpochEngine.AlreadySettled.selector, 0));
    }

    function test_settleEpoch_epochsSkipped_buildsOnTheLastSettledBonds() public {
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        _weigh(3);
        engine.settleEpoch(3, _witness(_firstBonds()));
        vm.assertEq(engine.lastSettledEpoch(), 3);
    }

    function test_settleEpoch_nothingRevealed_revertsNothingRevealed() public {
        _toRound(5, 0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        (witness.rows[0], witness.rows[1]) = (new bytes(0), new bytes(0));
        vm.expectRevert(abi.encodeWithSelector(IEpochEngine.NothingRevealed.selector, 0));
        engine.settleEpoch(0, witness);
    }

    // What it leaves

    function test_settleEpoch_equalRows_paysByWeightAndByStake() public {
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        // 41 % of 300 s at 1 WEFT/s, 3 : 1 by weight; own weights do not count.
        uint256 pot = 123e18;
        _assertEarned(1, (pot * 3) / 4);
        _assertEarned(2, pot / 4);
        // The validators' pot 6 : 4 by stake, of which 18 % are the owner's take.
        _assertEarned(3, (((pot * 6) / 10) * 18) / 100);
        _assertEarned(4, (((pot * 4) / 10) * 18) / 100);
        vm.assertEq(metagraph.incentiveOf(0), 49_151);
        vm.assertEq(metagraph.incentiveOf(1), 16_383);
        vm.assertEq(metagraph.incentiveOf(2), 0);
    }

    function test_settleEpoch_leavesTheHashOfTheBonds() public {
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        IEpochEngine.PreviousBonds memory bonds = _firstBonds();
        vm.assertEq(engine.bondsHash(), keccak256(abi.encode(bonds.neuronIds, bonds.columns, keccak256(bonds.bonds))));
    }

    function test_settleEpoch_caller_getsTheBounty() public {
        _weigh(0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        vm.prank(bob);
        engine.settleEpoch(0, witness);
        (uint256 earned, ) = emission.accountEarned(bob);
        vm.assertEq(earned, 1e18);
    }

    function test_settleEpoch_oneOfTwoRevealed_countsAlone() public {
        IEpochEngine.Witness memory witness = _onlyTheSecondRevealed();
        engine.settleEpoch(0, witness);
        _assertEarned(3, 0);
        _assertEarned(4, (uint256(123e18) * 18) / 100);
    }

    function test_settleEpoch_stakeAddedAfterTheBoundary_countsInTheNextEpoch() public {
        _toRound(3, 0);
        _stake(alice, 4, 10_000e18);
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        _assertEarned(4, (((uint256(123e18) * 4) / 10) * 18) / 100);
    }

    function test_settleEpoch_uidRegisteredSinceTheBoundary_getsNothing() public {
        _toRound(3, 0);
        _register(alice, 4);
        uint256 uid = 4;
        bytes memory row = abi.encodePacked(uint16(30_000), uint16(10_000), uint16(0), uint16(0), uint16(60_000));
        for (uint256 validator = 2; validator < 4; validator++) _commitWeights(validator, 0, row);
        _toRound(4, 0);
        for (uint256 validator = 2; validator < 4; validator++) _revealWeights(validator, 0, row);
        _toRound(5, 0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        (witness.rows[0], witness.rows[1]) = (row, row);
        _prove(witness, witness.rows, 1 << uid);
        engine.settleEpoch(0, witness);
        vm.assertEq(metagraph.incentiveOf(uid), 0);
        _assertEarned(uid + 1, 0);
        _assertEarned(1, (uint256(123e18) * 3) / 4);
    }

    function test_settleEpoch_rowLongerThanUidsHeld_isReadAsFarAsTheyGo() public {
        bytes memory row = abi.encodePacked(_row(2), uint16(60_000), uint16(60_000));
        _toRound(3, 0);
        _commitWeights(2, 0, row);
        _commitWeights(3, 0, _row(3));
        _toRound(4, 0);
        _revealWeights(2, 0, row);
        _revealWeights(3, 0, _row(3));
        _toRound(5, 0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        witness.rows[0] = row;
        _prove(witness, witness.rows, 0);
        engine.settleEpoch(0, witness);
        _assertEarned(1, (uint256(123e18) * 3) / 4);
    }

    // Witnesses that are not what the chain has on record

    function test_settleEpoch_rowsMissingOrTooMany_revertsBadRowCount() public {
        _weigh(0);
        for (uint256 count = 1; count <= 3; count += 2) {
            IEpochEngine.Witness memory witness = _witness(_noBonds());
            witness.rows = new bytes[](count);
            vm.expectRevert(abi.encodeWithSelector(IEpochEngine.BadRowCount.selector, count, 2));
            engine.settleEpoch(0, witness);
        }
    }

    function test_settleEpoch_everyBitOfARowChanged_revertsBadRow() public {
        _weigh(0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        for (uint256 index = 0; index < VALIDATORS; index++) {
            for (uint256 bit = 0; bit < 8 * 2 * UIDS; bit++) {
                _flip(witness.rows[index], bit);
                _expectRevert(witness, abi.encodeWithSelector(IEpochEngine.BadRow.selector, index));
                _flip(witness.rows[index], bit);
            }
        }
        engine.settleEpoch(0, witness);
    }

    function test_settleEpoch_rowLeftOutCutOrPadded_revertsBadRow() public {
        _weigh(0);
        bytes[3] memory others = [bytes(""), hex"7530", bytes.concat(_row(3), hex"0000")];
        for (uint256 k = 0; k < others.length; k++) {
            IEpochEngine.Witness memory witness = _witness(_noBonds());
            witness.rows[1] = others[k];
            _expectRevert(witness, abi.encodeWithSelector(IEpochEngine.BadRow.selector, 1));
        }
    }

    function test_settleEpoch_rowsInAnotherOrder_revertsBadRow() public {
        _weigh(0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        (witness.rows[0], witness.rows[1]) = (witness.rows[1], witness.rows[0]);
        _expectRevert(witness, abi.encodeWithSelector(IEpochEngine.BadRow.selector, 0));
    }

    function test_settleEpoch_rowOfAValidatorThatRevealedNone_revertsBadRow() public {
        _toRound(3, 0);
        _commitWeights(2, 0, _row(2));
        _commitWeights(3, 0, _row(3));
        _toRound(4, 0);
        _revealWeights(2, 0, _row(2));
        _toRound(5, 0);
        _expectRevert(_witness(_noBonds()), abi.encodeWithSelector(IEpochEngine.BadRow.selector, 1));
    }

    function test_settleEpoch_bondsBeforeAnySettlement_revertsBadBonds() public {
        _weigh(0);
        IEpochEngine.PreviousBonds memory previous = _noBonds();
        _expectBadBonds(0, previous, 1);
        previous.columns = 0;
        previous.bonds = hex"0000";
        _expectBadBonds(0, previous, 0);
        previous.bonds = "";
        previous.neuronIds = _one(3);
        _expectBadBonds(0, previous, 0);
    }

    function test_settleEpoch_everyBitOfTheBondsChanged_revertsBadBonds() public {
        _settleFirst();
        IEpochEngine.PreviousBonds memory previous = _firstBonds();
        for (uint256 bit = 0; bit < 8 * 30 * VALIDATORS; bit++) {
            _flip(previous.bonds, bit);
            _expectBadBonds(1, previous, UIDS);
            _flip(previous.bonds, bit);
        }
        engine.settleEpoch(1, _witness(previous));
    }

    function test_settleEpoch_bondsOfOthersOrOfAnotherShape_revertsBadBonds() public {
        _settleFirst();
        IEpochEngine.PreviousBonds memory previous = _firstBonds();
        _expectBadBonds(1, previous, UIDS + 1);
        _expectBadBonds(1, previous, UIDS - 1);
        previous.neuronIds = _two(4, 3);
        _expectBadBonds(1, previous, UIDS);
        previous = _firstBonds();
        previous.bonds = bytes.concat(previous.bonds, hex"0000");
        _expectBadBonds(1, previous, UIDS);
        _expectBadBonds(1, _noBonds(), 0);
        engine.settleEpoch(1, _witness(_firstBonds()));
    }

    function test_settleEpoch_bondsOfAnEarlierSettlement_revertsBadBonds() public {
        _settleFirst();
        engine.settleEpoch(1, _witness(_firstBonds()));
        _weigh(2);
        _expectBadBonds(2, _firstBonds(), UIDS);
    }

    function test_settleEpoch_hintsTooFewOrTooMany_revertsBadHintCount() public {
        _weigh(0);
        for (uint256 count = UIDS - 1; count <= UIDS + 1; count += 2) {
            IEpochEngine.Witness memory witness = _witness(_noBonds());
            witness.medianHints = new bytes(count);
            _expectRevert(witness, abi.encodeWithSelector(IEpochEngine.BadHintCount.selector, count, UIDS));
        }
    }

    function test_settleEpoch_hintOnNobody_revertsBadMedian() public {
        _weigh(0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        witness.medianHints[1] = 0x02;
        _expectRevert(witness, abi.encodeWithSelector(Yuma.BadMedian.selector, 1));
    }

    function test_settleEpoch_hintOnAnotherWeight_revertsBadMedian() public {
        bytes memory other = hex"00010001";
        _toRound(3, 0);
        _commitWeights(2, 0, _row(2));
        _commitWeights(3, 0, other);
        _toRound(4, 0);
        _revealWeights(2, 0, _row(2));
        _revealWeights(3, 0, other);
        _toRound(5, 0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        witness.rows[1] = other;
        _prove(witness, witness.rows, 0);
        witness.medianHints[0] = 0x01;
        _expectRevert(witness, abi.encodeWithSelector(Yuma.BadMedian.selector, 0));
        witness.medianHints[0] = 0x00;
        engine.settleEpoch(0, witness);
    }

    function test_settleEpoch_hintOnAValidatorThatRevealedNothing_revertsBadMedian() public {
        IEpochEngine.Witness memory witness = _onlyTheSecondRevealed();
        vm.assertEq(uint8(witness.medianHints[0]), 1);
        witness.medianHints[0] = 0x00;
        _expectRevert(witness, abi.encodeWithSelector(Yuma.BadMedian.selector, 0));
    }

    function test_settleEpoch_anotherSumOfRanks_revertsBadRankSum() public {
        _weigh(0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        uint256 actual = witness.rankSum;
        uint256[4] memory others = [0, actual - 1, actual + 1, type(uint256).max];
        for (uint256 k = 0; k < others.length; k++) {
            witness.rankSum = others[k];
            _expectRevert(witness, abi.encodeWithSelector(Yuma.BadRankSum.selector, others[k], actual));
        }
        witness.rankSum = actual;
        engine.settleEpoch(0, witness);
    }

    // Helpers

    /// @dev In round 5: of the two validators the second alone revealed its row for epoch 0.
    function _onlyTheSecondRevealed() private returns (IEpochEngine.Witness memory witness) {
        _toRound(3, 0);
        _commitWeights(3, 0, _row(3));
        _toRound(4, 0);
        _revealWeights(3, 0, _row(3));
        _toRound(5, 0);
        witness = _witness(_noBonds());
        witness.rows[0] = "";
        _prove(witness, witness.rows, 0);
    }

    function _flip(bytes memory data, uint256 bit) private pure {
        data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
    }

    function _settleFirst() private {
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        _weigh(1);
    }

    function _assertEarned(uint256 neuronId, uint256 expected) private view {
        (uint256 earned, ) = emission.earned(neuronId);
        // Shares are Q32: a pot of 123 WEFT is paid to within 2^-31 of itself.
        vm.assertApproxEqAbs(earned, expected, uint256(123e18) >> 31);
    }

    function _expectRevert(uint256 epoch, bytes memory reason) private {
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        vm.expectRevert(reason);
        engine.settleEpoch(epoch, witness);
    }

    function _expectRevert(IEpochEngine.Witness memory witness, bytes memory reason) private {
        vm.expectRevert(reason);
        engine.settleEpoch(0, witness);
    }

    function _expectBadBonds(uint256 epoch, IEpochEngine.PreviousBonds memory previous, uint256 columns) private {
        previous.columns = columns;
        bytes32 given = keccak256(abi.encode(previous.neuronIds, previous.columns, keccak256(previous.bonds)));
        bytes memory reason = abi.encodeWithSelector(IEpochEngine.BadBonds.selector, engine.bondsHash(), given);
        IEpochEngine.Witness memory witness = _witness(previous);
        vm.expectRevert(reason);
        engine.settleEpoch(epoch, witness);
    }
}
