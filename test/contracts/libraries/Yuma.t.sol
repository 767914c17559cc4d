// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Q32} from "../../../contracts/libraries/Q32.sol";
import {Yuma} from "../../../contracts/libraries/Yuma.sol";
import {MedianHints} from "../../support/solidity/MedianHints.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";
import {YumaHarness} from "../YumaHarness.sol";

/// Laws of consensus on random epochs of up to 5 validators and 6 miners. I26, I27, I28: see docs/invariants.md.
contract YumaTest is WeftTest {
    uint256 private constant ONE = 1 << 32;
    uint256 private constant KAPPA = uint256(32_767 << 32) / 65_535;
    uint256 private constant MAX_STAKE = 1_000_000e18;

    YumaHarness private harness = new YumaHarness();

    function testFuzz_settle_I26_sharesAndBondsStayInTheirRange(uint256 seed) public view {
        Yuma.Input memory input = _random(seed);
        Yuma.Output memory output = harness.settle(input);
        vm.assertLe(MedianHints.sum(output.incentive), ONE);
        vm.assertLe(MedianHints.sum(output.dividends), ONE);
        for (uint256 i = 0; i < output.bonds.length; i++) {
            for (uint256 j = 0; j < output.bonds[i].length; j++) vm.assertLe(output.bonds[i][j], 65_535);
            if (input.stakes[i] == 0) vm.assertEq(MedianHints.sum(output.bonds[i]) + output.dividends[i], 0);
        }
    }

    function testFuzz_settle_validatorsReordered_givesTheSameReordered(uint256 seed) public view {
        Yuma.Input memory input = _random(seed);
        uint256 validators = input.stakes.length;
        Yuma.Output memory output = harness.settle(input);
        Yuma.Input memory turned = _copy(input);
        for (uint256 i = 0; i < validators; i++) {
            uint256 to = (i + 1) % validators;
            turned.stakes[to] = input.stakes[i];
            turned.weights[to] = input.weights[i];
            turned.bonds[to] = input.bonds[i];
        }
        turned.medianHints = MedianHints.find(turned.stakes, turned.weights, turned.kappa);
        Yuma.Output memory other = harness.settle(turned);
        vm.assertEq(other.consensus, output.consensus);
        vm.assertEq(other.incentive, output.incentive);
        for (uint256 i = 0; i < validators; i++) {
            vm.assertEq(other.dividends[(i + 1) % validators], output.dividends[i]);
            vm.assertEq(other.bonds[(i + 1) % validators], output.bonds[i]);
        }
    }

    /// S = s·2^32 / Σs is the same for a common factor, rounding included, and everything else follows from S.
    function testFuzz_settle_I27_stakesScaled_changesNothing(uint256 seed, uint256 factor) public view {
        Yuma.Input memory input = _random(seed);
        Yuma.Output memory output = harness.settle(input);
        factor = _bound(factor, 1, 1e9);
        for (uint256 i = 0; i < input.stakes.length; i++) input.stakes[i] *= factor;
        input.medianHints = MedianHints.find(input.stakes, input.weights, input.kappa);
        Yuma.Output memory other = harness.settle(input);
        vm.assertEq(other.consensus, output.consensus);
        vm.assertEq(other.incentive, output.incentive);
        vm.assertEq(other.dividends, output.dividends);
    }

    function testFuzz_settle_I28_coalitionBelowKappa_cannotRaiseConsensusAboveTheHonest(
        uint256 seed,
        uint16 attack
    ) public view {
        Yuma.Input memory input = _random(seed);
        uint256 last = input.stakes.length - 1;
        // The last validator is the coalition, with two fifths of the stake; what it weighs is up to it.
        uint256 honest = 0;
        for (uint256 i = 0; i < last; i++) honest += input.stakes[i] = input.stakes[i] / 2 + 1e9;
        input.stakes[last] = (honest * 2) / 3;
        for (uint256 j = 0; j < input.weights[last].length; j++) input.weights[last][j] = 0;
        uint256 target = uint256(attack) % input.weights[last].length;
        input.weights[last][target] = 65_535;
        input.medianHints = MedianHints.find(input.stakes, input.weights, input.kappa);
        Yuma.Output memory output = harness.settle(input);
        uint256 largest = 0;
        for (uint256 i = 0; i < last; i++) {
            uint256 weight = MedianHints.normalised(input.weights[i])[target];
            if (weight > largest) largest = weight;
        }
        vm.assertLe(output.consensus[target], largest);
    }

    function testFuzz_settle_anyOtherHint_isTheSameMedianOrRefused(uint256 seed, uint8 column, uint8 hint) public view {
        Yuma.Input memory input = _random(seed);
        Yuma.Output memory output = harness.settle(input);
        uint256 j = column % input.medianHints.length;
        input.medianHints[j] = bytes1(hint);
        try harness.settle(input) returns (Yuma.Output memory other) {
            vm.assertEq(other.consensus, output.consensus);
        } catch (bytes memory reason) {
            vm.assertEq(keccak256(reason), keccak256(abi.encodeWithSelector(Yuma.BadMedian.selector, j)));
        }
    }

    function test_settle_nobodyStaked_givesNothing() public view {
        Yuma.Input memory input = _random(1);
        for (uint256 i = 0; i < input.stakes.length; i++) input.stakes[i] = 0;
        Yuma.Output memory output = harness.settle(input);
        vm.assertEq(MedianHints.sum(output.consensus), 0);
        vm.assertEq(MedianHints.sum(output.incentive), 0);
        vm.assertEq(MedianHints.sum(output.dividends), 0);
    }

    function test_settle_listsOfOtherLengths_revertsBadShape() public {
        Yuma.Input memory input = _random(2);
        (uint256 validators, uint256 columns) = (input.stakes.length, input.medianHints.length);
        input.weights = new uint256[][](validators + 1);
        _expectBadShape(input, validators + 1, validators);
        input = _random(2);
        input.bonds = new uint256[][](validators - 1);
        _expectBadShape(input, validators - 1, validators);
        input = _random(2);
        input.weights[1] = new uint256[](columns - 1);
        _expectBadShape(input, columns - 1, columns);
        input = _random(2);
        input.bonds[1] = new uint256[](columns + 1);
        _expectBadShape(input, columns + 1, columns);
        harness.settle(_random(2));
    }

    function _expectBadShape(Yuma.Input memory input, uint256 length, uint256 expected) private {
        vm.expectRevert(abi.encodeWithSelector(Yuma.BadShape.selector, length, expected));
        harness.settle(input);
    }

    /// @dev An epoch drawn from `seed`, with hints that fit.
    function _random(uint256 seed) private pure returns (Yuma.Input memory input) {
        uint256 validators = 2 + (_draw(seed, 0) % 4);
        uint256 columns = 2 + (_draw(seed, 1) % 5);
        input.stakes = new uint256[](validators);
        input.weights = new uint256[][](validators);
        input.bonds = new uint256[][](validators);
        for (uint256 i = 0; i < validators; i++) {
            // One in eight revealed nothing.
            input.stakes[i] = _draw(seed, 100 + i) % 8 == 0 ? 0 : _draw(seed, 200 + i) % MAX_STAKE;
            input.weights[i] = _randomRow(seed, 1000 * (i + 1), columns);
            input.bonds[i] = _randomRow(seed, 1000 * (i + 1) + 500, columns);
        }
        input.kappa = KAPPA;
        input.alpha = ONE / 10;
        input.bondsPenalty = seed % 2 == 0;
        input.medianHints = MedianHints.find(input.stakes, input.weights, KAPPA);
    }

    /// @dev A third of the entries are absent.
    function _randomRow(uint256 seed, uint256 salt, uint256 columns) private pure returns (uint256[] memory row) {
        row = new uint256[](columns);
        for (uint256 j = 0; j < columns; j++) {
            uint256 drawn = _draw(seed, salt + j);
            row[j] = drawn % 3 == 0 ? 0 : (drawn >> 8) % 65_536;
        }
    }

    function _copy(Yuma.Input memory input) private pure returns (Yuma.Input memory) {
        return abi.decode(abi.encode(input), (Yuma.Input));
    }

    function _draw(uint256 seed, uint256 salt) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }
}
