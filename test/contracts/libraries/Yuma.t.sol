// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Q32} from "../../../contracts/libraries/Q32.sol";
import {Yuma} from "../../../contracts/libraries/Yuma.sol";
import {NaiveYuma} from "../../support/solidity/NaiveYuma.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";
import {YumaForm} from "../../support/solidity/YumaForm.sol";
import {YumaMemory} from "../../../contracts/libraries/YumaMemory.sol";
import {YumaHarness} from "../YumaHarness.sol";

/// Reserves the scratch after taking some memory.
contract TakenScratch {
    function reserveAfter(uint256 bytes_) external pure {
        YumaMemory.allocate(bytes_);
        YumaMemory.reserve();
    }
}

/// Laws of consensus on random epochs of up to 5 validators and 6 miners. I26, I27, I28: see docs/invariants.md.
contract YumaTest is WeftTest {
    uint256 private constant ONE = 1 << 32;
    uint256 private constant KAPPA = uint256(32_767 << 32) / 65_535;
    uint256 private constant MAX_STAKE = 1_000_000e18;

    YumaHarness private harness = new YumaHarness();

    function testFuzz_settle_I26_sharesAndBondsStayInTheirRange(uint256 seed) public view {
        NaiveYuma.Input memory input = _random(seed);
        NaiveYuma.Output memory output = _settle(input);
        vm.assertLe(YumaForm.sum(output.incentive), ONE);
        vm.assertLe(YumaForm.sum(output.dividends), ONE);
        for (uint256 i = 0; i < output.bonds.length; i++) {
            for (uint256 j = 0; j < output.bonds[i].length; j++) vm.assertLe(output.bonds[i][j], 65_535);
            if (input.stakes[i] == 0) vm.assertEq(YumaForm.sum(output.bonds[i]) + output.dividends[i], 0);
        }
    }

    function testFuzz_settle_validatorsReordered_givesTheSameReordered(uint256 seed) public view {
        NaiveYuma.Input memory input = _random(seed);
        uint256 validators = input.stakes.length;
        NaiveYuma.Output memory output = _settle(input);
        NaiveYuma.Input memory turned = _copy(input);
        for (uint256 i = 0; i < validators; i++) {
            uint256 to = (i + 1) % validators;
            turned.stakes[to] = input.stakes[i];
            turned.weights[to] = input.weights[i];
            turned.bonds[to] = input.bonds[i];
        }
        NaiveYuma.Output memory other = _settle(turned);
        vm.assertEq(other.consensus, output.consensus);
        vm.assertEq(other.incentive, output.incentive);
        for (uint256 i = 0; i < validators; i++) {
            vm.assertEq(other.dividends[(i + 1) % validators], output.dividends[i]);
            vm.assertEq(other.bonds[(i + 1) % validators], output.bonds[i]);
        }
    }

    /// S = s·2^32 / Σs is the same for a common factor, rounding included, and everything else follows from S.
    function testFuzz_settle_I27_stakesScaled_changesNothing(uint256 seed, uint256 factor) public view {
        NaiveYuma.Input memory input = _random(seed);
        NaiveYuma.Output memory output = _settle(input);
        factor = _bound(factor, 1, 1e9);
        for (uint256 i = 0; i < input.stakes.length; i++) input.stakes[i] *= factor;
        NaiveYuma.Output memory other = _settle(input);
        vm.assertEq(other.consensus, output.consensus);
        vm.assertEq(other.incentive, output.incentive);
        vm.assertEq(other.dividends, output.dividends);
    }

    function testFuzz_settle_I28_coalitionBelowKappa_cannotRaiseConsensusAboveTheHonest(
        uint256 seed,
        uint16 attack
    ) public view {
        NaiveYuma.Input memory input = _random(seed);
        uint256 last = input.stakes.length - 1;
        // The last validator is the coalition, with two fifths of the stake; what it weighs is up to it.
        uint256 honest = 0;
        for (uint256 i = 0; i < last; i++) honest += input.stakes[i] = input.stakes[i] / 2 + 1e9;
        input.stakes[last] = (honest * 2) / 3;
        for (uint256 j = 0; j < input.weights[last].length; j++) input.weights[last][j] = 0;
        uint256 target = uint256(attack) % input.weights[last].length;
        input.weights[last][target] = 65_535;
        NaiveYuma.Output memory output = _settle(input);
        uint256 largest = 0;
        for (uint256 i = 0; i < last; i++) {
            uint256 weight = Q32.divDown(input.weights[i][target], YumaForm.sum(input.weights[i]));
            if (weight > largest) largest = weight;
        }
        vm.assertLe(output.consensus[target], largest);
    }

    function testFuzz_settle_anyOtherHint_isTheSameMedianOrRefused(uint256 seed, uint8 column, uint8 hint) public view {
        NaiveYuma.Input memory epoch = _random(seed);
        NaiveYuma.Output memory expected = NaiveYuma.settle(epoch);
        Packed memory p = _pack(epoch, expected);
        uint256 j = column % p.hints.length;
        p.hints[j] = bytes1(hint);
        try harness.settle(p.input, p.rows, p.bonds, p.hints) returns (Yuma.Output memory other) {
            vm.assertEq(other.consensus, expected.consensus);
        } catch (bytes memory reason) {
            vm.assertEq(keccak256(reason), keccak256(abi.encodeWithSelector(Yuma.BadMedian.selector, j)));
        }
    }

    function testFuzz_settle_anyOtherRankSum_revertsBadRankSum(uint256 seed, uint256 given) public {
        Packed memory p = _packed(seed);
        uint256 actual = p.input.rankSum;
        if (given == actual) given++;
        p.input.rankSum = given;
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadRankSum.selector, given, actual));
    }

    function test_settle_nobodyStaked_revertsBadSize() public {
        NaiveYuma.Input memory epoch = _random(1);
        for (uint256 i = 0; i < epoch.stakes.length; i++) epoch.stakes[i] = 0;
        Packed memory p = _pack(epoch, NaiveYuma.settle(epoch));
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadSize.selector, 0, p.input.columns));
    }

    function test_settle_listsOfOtherLengths_revertsBadShape() public {
        Packed memory p = _packed(2);
        (uint256 validators, uint256 columns) = (p.input.stakes.length, p.input.columns);
        p.rows = new bytes[](validators + 1);
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadShape.selector, validators + 1, validators));
        p = _packed(2);
        p.hints = new bytes(columns - 1);
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadShape.selector, columns - 1, columns));
        p = _packed(2);
        p.input.ownColumns = new uint256[](validators - 1);
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadShape.selector, validators - 1, validators));
        p = _packed(2);
        p.input.previousIndex = new uint256[](validators + 1);
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadShape.selector, validators + 1, validators));
        p = _packed(2);
        harness.settle(p.input, p.rows, p.bonds, p.hints);
    }

    function test_settle_sizesBeyondTheBounds_revertBadSize() public {
        Packed memory p = _packed(2);
        p.input.stakes = new uint256[](65);
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadSize.selector, 65, p.input.columns));
        p = _packed(2);
        p.input.columns = 257;
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadSize.selector, p.input.stakes.length, 257));
        p = _packed(2);
        p.input.previousColumns = p.input.columns + 1;
        _expectRevert(p, abi.encodeWithSelector(Yuma.BadSize.selector, p.input.stakes.length, p.input.columns));
    }

    function testFuzz_settle_masksAndMovedBonds_areThoseOfTheMatricesWithoutThem(uint256 seed) public view {
        NaiveYuma.Input memory epoch = _random(seed);
        (uint256 validators, uint256 columns) = (epoch.stakes.length, epoch.weights[0].length);
        Packed memory p = _pack(epoch, NaiveYuma.settle(epoch));
        p.input.absentWeights = _draw(seed, 7) & 0x35;
        p.input.absentBonds = _draw(seed, 8) & 0x1b;
        for (uint256 i = 0; i < validators; i++) {
            // Its bonds stood elsewhere, or it had none; one in seven has no column of its own.
            (uint256 own, uint256 from) = (_draw(seed, 20 + i) % 7, _draw(seed, 30 + i) % (validators + 1));
            p.input.ownColumns[i] = own;
            p.input.previousIndex[i] = from == validators ? Yuma.NONE : from;
        }
        uint256[][] memory moved = new uint256[][](validators);
        for (uint256 i = 0; i < validators; i++) {
            moved[i] = new uint256[](columns);
            for (uint256 j = 0; j < columns; j++) {
                if (j == p.input.ownColumns[i] || (p.input.absentWeights >> j) & 1 == 1) epoch.weights[i][j] = 0;
                bool kept = p.input.previousIndex[i] != Yuma.NONE && (p.input.absentBonds >> j) & 1 == 0;
                moved[i][j] = kept ? epoch.bonds[p.input.previousIndex[i]][j] : 0;
            }
        }
        epoch.bonds = moved;
        NaiveYuma.Output memory expected = NaiveYuma.settle(epoch);
        p.input.rankSum = expected.rankSum;
        _assertSame(harness.settle(p.input, p.rows, p.bonds, expected.medianHints), expected, validators);
    }

    /// Every u16 there is, as a bond that stays and as a weight: 64 rows of 256 columns, four times.
    function test_settle_everyU16_convertsAsTheNaiveOne() public view {
        for (uint256 quarter = 0; quarter < 4; quarter++) {
            NaiveYuma.Input memory epoch = _dense(quarter);
            NaiveYuma.Output memory expected = NaiveYuma.settle(epoch);
            Packed memory p = _pack(epoch, expected);
            _assertSame(harness.settle(p.input, p.rows, p.bonds, p.hints), expected, 64);
        }
    }

    /// As above, in every group of columns.
    function test_settle_masksOfAllColumns_areThoseOfTheMatricesWithoutThem() public view {
        NaiveYuma.Input memory epoch = _dense(1);
        epoch.alpha = ONE / 3;
        Packed memory p = _pack(epoch, NaiveYuma.settle(epoch));
        (p.input.absentWeights, p.input.absentBonds) = (_draw(1, 0), _draw(1, 1));
        for (uint256 i = 0; i < 64; i++) {
            for (uint256 j = 0; j < 256; j++) {
                if ((p.input.absentWeights >> j) & 1 == 1) epoch.weights[i][j] = 0;
                if ((p.input.absentBonds >> j) & 1 == 1) epoch.bonds[i][j] = 0;
            }
        }
        NaiveYuma.Output memory expected = NaiveYuma.settle(epoch);
        p.input.rankSum = expected.rankSum;
        _assertSame(harness.settle(p.input, p.rows, p.bonds, expected.medianHints), expected, 64);
    }

    function test_reserve_memoryTaken_revertsScratchTaken() public {
        TakenScratch taken = new TakenScratch();
        taken.reserveAfter(0x600 - 0x80);
        vm.expectRevert(abi.encodeWithSelector(YumaMemory.ScratchTaken.selector, 0x600 + 0x20));
        taken.reserveAfter(0x600 - 0x80 + 1);
        vm.expectRevert(abi.encodeWithSelector(YumaMemory.ScratchTaken.selector, 0x80 + 0x600));
        taken.reserveAfter(0x600);
    }

    // Helpers

    struct Packed {
        Yuma.Input input;
        bytes[] rows;
        bytes bonds;
        bytes hints;
    }

    function _pack(NaiveYuma.Input memory epoch, NaiveYuma.Output memory o) private pure returns (Packed memory p) {
        (p.input, p.rows, p.bonds) = YumaForm.input(epoch, o.rankSum);
        p.hints = o.medianHints;
    }

    function _packed(uint256 seed) private pure returns (Packed memory) {
        NaiveYuma.Input memory epoch = _random(seed);
        return _pack(epoch, NaiveYuma.settle(epoch));
    }

    /// @dev What production gives, after it was found to be what the naive form gives.
    function _settle(NaiveYuma.Input memory epoch) private view returns (NaiveYuma.Output memory expected) {
        expected = NaiveYuma.settle(epoch);
        Packed memory p = _pack(epoch, expected);
        _assertSame(harness.settle(p.input, p.rows, p.bonds, p.hints), expected, epoch.stakes.length);
    }

    function _assertSame(Yuma.Output memory output, NaiveYuma.Output memory expected, uint256 validators) private pure {
        vm.assertEq(output.consensus, expected.consensus);
        vm.assertEq(output.incentive, expected.incentive);
        vm.assertEq(output.dividends, expected.dividends);
        vm.assertEq(output.bonds.length, 30 * validators * ((output.consensus.length + 14) / 15));
        vm.assertEq(keccak256(output.bonds), keccak256(YumaForm.packBonds(expected.bonds)));
    }

    function _expectRevert(Packed memory p, bytes memory reason) private {
        vm.expectRevert(reason);
        harness.settle(p.input, p.rows, p.bonds, p.hints);
    }

    /// @dev 64 × 256, the bonds being the u16 of a quarter of their range, and so are the weights in another order.
    function _dense(uint256 quarter) private pure returns (NaiveYuma.Input memory epoch) {
        (epoch.stakes, epoch.weights, epoch.bonds) = (new uint256[](64), new uint256[][](64), new uint256[][](64));
        for (uint256 i = 0; i < 64; i++) {
            epoch.stakes[i] = 1e18 * (1 + ((7 * i) % 64));
            (epoch.weights[i], epoch.bonds[i]) = (new uint256[](256), new uint256[](256));
            for (uint256 j = 0; j < 256; j++) {
                epoch.weights[i][j] = (16_384 * quarter + 256 * i + ((j * 77) % 256)) % 65_536;
                epoch.bonds[i][j] = 16_384 * quarter + 256 * i + j;
            }
        }
        (epoch.kappa, epoch.alpha, epoch.bondsPenalty) = (KAPPA, 0, true); // bonds stay as they are
    }

    /// @dev An epoch drawn from `seed`, the production form of which must give the same.
    function _random(uint256 seed) private pure returns (NaiveYuma.Input memory input) {
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
        if (YumaForm.sum(input.stakes) == 0) input.stakes[0] = 1; // somebody must have revealed
        input.kappa = KAPPA;
        input.alpha = ONE / 10;
        input.bondsPenalty = seed % 2 == 0;
    }

    /// @dev A third of the entries are absent.
    function _randomRow(uint256 seed, uint256 salt, uint256 columns) private pure returns (uint256[] memory row) {
        row = new uint256[](columns);
        for (uint256 j = 0; j < columns; j++) {
            uint256 drawn = _draw(seed, salt + j);
            row[j] = drawn % 3 == 0 ? 0 : (drawn >> 8) % 65_536;
        }
    }

    function _copy(NaiveYuma.Input memory input) private pure returns (NaiveYuma.Input memory) {
        return abi.decode(abi.encode(input), (NaiveYuma.Input));
    }

    function _draw(uint256 seed, uint256 salt) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }
}
