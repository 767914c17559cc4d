// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Emission} from "../../contracts/Emission.sol";
import {EpochEngine} from "../../contracts/EpochEngine.sol";
import {Metagraph} from "../../contracts/Metagraph.sol";
import {StakeManager} from "../../contracts/StakeManager.sol";
import {WeightLedger} from "../../contracts/WeightLedger.sol";
import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {RoundClock, RoundClockLib} from "../../contracts/libraries/RoundClock.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// What the constructor takes and refuses.
contract EpochEngineParametersTest is RunSystem {
    function setUp() public {
        _deployRun();
    }

    function test_constructor_parametersOnTheirBounds_areTaken() public {
        _assertParameters(_engine(_parameters(32_767, 0, false, 3)), 0, _parameters(32_767, 0, false, 3));
        _assertParameters(
            _engine(_parameters(58_981, 999_999, true, 10_000)),
            7,
            _parameters(58_981, 999_999, true, 10_000)
        );
    }

    function test_constructor_takesTheContractsAndTheClock() public view {
        vm.assertEq(address(engine.metagraph()), address(metagraph));
        vm.assertEq(address(engine.stakeManager()), address(stakes));
        vm.assertEq(address(engine.weightLedger()), address(weights));
        vm.assertEq(address(engine.emission()), address(emission));
        vm.assertEq(RoundClock.unwrap(engine.clock()), RoundClock.unwrap(clock));
        vm.assertEq(engine.lastSettledEpoch(), 0);
    }

    function test_constructor_kappaOneOut_revertsParameterOutOfBounds() public {
        _expectOutOfBounds("kappaU16", 32_766, 32_767, 58_981);
        _engine(_parameters(32_766, 0, true, 3));
        _expectOutOfBounds("kappaU16", 58_982, 32_767, 58_981);
        _engine(_parameters(58_982, 0, true, 3));
    }

    function test_constructor_movingAverageOneOut_revertsParameterOutOfBounds() public {
        _expectOutOfBounds("bondsMovingAverageMillionths", 1_000_000, 0, 999_999);
        _engine(_parameters(32_767, 1_000_000, true, 3));
    }

    function test_constructor_reviveAfterOneOut_revertsParameterOutOfBounds() public {
        _expectOutOfBounds("reviveAfter", 2, 3, 10_000);
        _engine(_parameters(32_767, 0, true, 2));
        _expectOutOfBounds("reviveAfter", 10_001, 3, 10_000);
        _engine(_parameters(32_767, 0, true, 10_001));
    }

    function test_constructor_metagraphOnTheLimit_isTaken() public {
        Metagraph largest = _metagraph(256, 64);
        new EpochEngine(
            largest,
            stakes,
            weights,
            emission,
            _engineParameters(),
            IEpochEngine(address(0)),
            address(manager)
        );
    }

    function test_constructor_metagraphTooLarge_revertsMetagraphTooLarge() public {
        Metagraph tooLarge = _metagraph(256, 65);
        vm.expectRevert(abi.encodeWithSelector(IEpochEngine.MetagraphTooLarge.selector, 256, 65, 256, 64));
        new EpochEngine(
            tooLarge,
            stakes,
            weights,
            emission,
            _engineParameters(),
            IEpochEngine(address(0)),
            address(manager)
        );
    }

    function test_constructor_partOfAnotherClock_revertsClockMismatch() public {
        Metagraph another = new Metagraph(
            token,
            RoundClockLib.pack(GENESIS + 1, 100, 50, 75, 3),
            _runParameters(),
            address(manager)
        );
        StakeManager stakesThere = new StakeManager(another, 2, 0, address(manager));
        WeightLedger weightsThere = new WeightLedger(another, address(manager));
        Emission emissionThere = new Emission(another, stakesThere, _emissionParameters(), address(manager));
        _expectMismatch(address(stakesThere), stakesThere, weights, emission);
        _expectMismatch(address(weightsThere), stakes, weightsThere, emission);
        _expectMismatch(address(emissionThere), stakes, weights, emissionThere);
    }

    function _expectMismatch(address other, StakeManager pools, WeightLedger rows, Emission payer) private {
        vm.expectRevert(abi.encodeWithSelector(IEpochEngine.ClockMismatch.selector, other));
        new EpochEngine(metagraph, pools, rows, payer, _engineParameters(), IEpochEngine(address(0)), address(manager));
    }

    // setParameters

    function test_setParameters_duringAnEpoch_holdFromThatEpochOn() public {
        IEpochEngine.Parameters memory changed = _parameters(40_000, 500_000, false, 9);
        _toRound(3, 0); // epoch 1: epoch 0 is being settled
        vm.expectEmit(address(engine));
        emit IEpochEngine.ParametersSet(1, changed);
        engine.setParameters(changed);
        _assertParameters(engine, 0, _engineParameters());
        _assertParameters(engine, 1, changed);
        _assertParameters(engine, 100, changed);
    }

    function test_setParameters_twiceInAnEpoch_theLatterHolds() public {
        _toRound(3, 0);
        engine.setParameters(_parameters(40_000, 500_000, false, 9));
        engine.setParameters(_parameters(41_000, 400_000, true, 8));
        _assertParameters(engine, 0, _engineParameters());
        _assertParameters(engine, 1, _parameters(41_000, 400_000, true, 8));
    }

    function test_setParameters_inALaterEpoch_keepsWhatTheSettlementUnderWayUses() public {
        _toRound(3, 0);
        engine.setParameters(_parameters(40_000, 500_000, false, 9));
        _toRound(15, 0);
        engine.setParameters(_parameters(41_000, 400_000, true, 8));
        _assertParameters(engine, 4, _parameters(40_000, 500_000, false, 9));
        _assertParameters(engine, 5, _parameters(41_000, 400_000, true, 8));
    }

    function test_setParameters_beforeGenesis_holdFromTheStart() public {
        engine.setParameters(_parameters(40_000, 500_000, false, 9));
        _assertParameters(engine, 0, _parameters(40_000, 500_000, false, 9));
    }

    function test_setParameters_betweenBuildingAndSending_doNotMoveTheSettlement() public {
        _weigh(0);
        IEpochEngine.Witness memory witness = _witness(_noBonds());
        engine.setParameters(_parameters(58_981, 0, false, 9));
        engine.settleEpoch(0, witness);
        IEpochEngine.PreviousBonds memory bonds = _firstBonds();
        bytes32 expected = keccak256(abi.encode(bonds.neuronIds, bonds.columns, keccak256(bonds.bonds)));
        vm.assertEq(engine.bondsHash(), expected);
    }

    function test_setParameters_outOfBounds_revertsParameterOutOfBounds() public {
        _expectOutOfBounds("kappaU16", 32_766, 32_767, 58_981);
        engine.setParameters(_parameters(32_766, 0, true, 3));
        _expectOutOfBounds("bondsMovingAverageMillionths", 1_000_000, 0, 999_999);
        engine.setParameters(_parameters(32_767, 1_000_000, true, 3));
        _expectOutOfBounds("reviveAfter", 2, 3, 10_000);
        engine.setParameters(_parameters(32_767, 0, true, 2));
        _assertParameters(engine, 0, _engineParameters());
    }

    function test_setParameters_byAnybodyElse_revertsAccessManagedUnauthorized() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        engine.setParameters(_engineParameters());
    }

    // Helpers

    function _parameters(
        uint256 kappaU16,
        uint256 movingAverage,
        bool penalty,
        uint256 reviveAfter
    ) private pure returns (IEpochEngine.Parameters memory) {
        return IEpochEngine.Parameters(kappaU16, movingAverage, penalty, reviveAfter);
    }

    function _assertParameters(EpochEngine of_, uint256 epoch, IEpochEngine.Parameters memory expected) private view {
        vm.assertEq(keccak256(abi.encode(of_.parametersAt(epoch))), keccak256(abi.encode(expected)));
    }

    function _engine(IEpochEngine.Parameters memory p) private returns (EpochEngine) {
        return new EpochEngine(metagraph, stakes, weights, emission, p, IEpochEngine(address(0)), address(manager));
    }

    function _metagraph(uint256 uids, uint256 validators) private returns (Metagraph) {
        IMetagraph.Parameters memory p = _runParameters();
        (p.maxUids, p.maxValidators) = (uids, validators);
        return new Metagraph(token, clock, p, address(manager));
    }

    function _expectOutOfBounds(bytes32 name, uint256 value, uint256 low, uint256 high) private {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, name, value, low, high));
    }
}
