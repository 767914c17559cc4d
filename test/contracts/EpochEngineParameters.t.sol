// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochEngine} from "../../contracts/EpochEngine.sol";
import {Metagraph} from "../../contracts/Metagraph.sol";
import {StakeManager} from "../../contracts/StakeManager.sol";
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
        EpochEngine low = _engine(32_767, 0, false);
        vm.assertEq(low.kappaQ32(), (uint256(32_767) << 32) / 65_535);
        vm.assertEq(low.kappaU16(), 32_767);
        vm.assertEq(low.bondsAlphaQ32(), 1 << 32);
        vm.assertFalse(low.bondsPenalty());
        EpochEngine high = _engine(58_981, 999_999, true);
        vm.assertEq(high.bondsAlphaQ32(), (1 << 32) - (uint256(999_999) << 32) / 1_000_000);
        vm.assertTrue(high.bondsPenalty());
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
        _engine(32_766, 0, true);
        _expectOutOfBounds("kappaU16", 58_982, 32_767, 58_981);
        _engine(58_982, 0, true);
    }

    function test_constructor_movingAverageOneOut_revertsParameterOutOfBounds() public {
        _expectOutOfBounds("bondsMovingAverageMillionths", 1_000_000, 0, 999_999);
        _engine(32_767, 1_000_000, true);
    }

    function test_constructor_metagraphOnTheLimit_isTaken() public {
        Metagraph largest = _metagraph(64, 16);
        new EpochEngine(largest, stakes, weights, emission, 32_767, 0, true);
    }

    function test_constructor_metagraphTooLarge_revertsMetagraphTooLarge() public {
        _expectTooLarge(65, 16);
        _expectTooLarge(64, 17);
    }

    function test_constructor_partOfAnotherClock_revertsClockMismatch() public {
        StakeManager other = new StakeManager(token, RoundClockLib.pack(GENESIS + 1, 100, 50, 75, 3), 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IEpochEngine.ClockMismatch.selector, other));
        new EpochEngine(metagraph, other, weights, emission, 32_767, 0, true);
    }

    function _engine(uint256 kappaU16, uint256 movingAverage, bool penalty) private returns (EpochEngine) {
        return new EpochEngine(metagraph, stakes, weights, emission, kappaU16, movingAverage, penalty);
    }

    function _metagraph(uint256 uids, uint256 validators) private returns (Metagraph) {
        IMetagraph.Parameters memory p = _runParameters();
        (p.maxUids, p.maxValidators) = (uids, validators);
        return new Metagraph(token, clock, p);
    }

    function _expectTooLarge(uint256 uids, uint256 validators) private {
        Metagraph tooLarge = _metagraph(uids, validators);
        vm.expectRevert(abi.encodeWithSelector(IEpochEngine.MetagraphTooLarge.selector, uids, validators));
        new EpochEngine(tooLarge, stakes, weights, emission, 32_767, 0, true);
    }

    function _expectOutOfBounds(bytes32 name, uint256 value, uint256 low, uint256 high) private {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, name, value, low, high));
    }
}
