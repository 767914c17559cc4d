// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {BurnPrice} from "../../../contracts/libraries/BurnPrice.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";

contract BurnPriceTest is WeftTest {
    uint256 private constant MAX_PRICE = type(uint96).max;

    function test_raisedUp_exactAndInexact_roundsUp() public pure {
        vm.assertEq(BurnPrice.raisedUp(100), 126);
        vm.assertEq(BurnPrice.raisedUp(1), 2);
        vm.assertEq(BurnPrice.raisedUp(0), 0);
    }

    function test_decayedUp_wholeHalfLives_halvesExactly() public pure {
        vm.assertEq(BurnPrice.decayedUp(1e18, 0, 600), 1e18);
        vm.assertEq(BurnPrice.decayedUp(1e18, 600, 600), 5e17);
        vm.assertEq(BurnPrice.decayedUp(1e18, 1200, 600), 25e16);
        vm.assertEq(BurnPrice.decayedUp(3, 600, 600), 2);
    }

    function test_decayedUp_halfAHalfLife_isTheRootOfOneHalf() public pure {
        // 1e18 / √2 = 707106781186547524.400…
        vm.assertEq(BurnPrice.decayedUp(1e18, 300, 600), 707_106_781_186_547_525);
    }

    function test_decayedUp_aTenthOfAHalfLife_isWithin32BitsOfTheTrueFactor() public pure {
        // 1e18 · 2^−0.1 = 933032991536807415.98…; the fraction is rounded down to 32 bits, so the price is above it
        uint256 price = BurnPrice.decayedUp(1e18, 60, 600);
        vm.assertGe(price, 933_032_991_536_807_416);
        vm.assertLe(price, 933_032_991_536_807_416 + 1e18 / uint256(1 << 32));
    }

    function test_decayedUp_bothSidesOf96HalfLives_isOneWei() public pure {
        vm.assertEq(BurnPrice.decayedUp(MAX_PRICE, 96 * 600 - 1, 600), 2);
        vm.assertEq(BurnPrice.decayedUp(MAX_PRICE, 96 * 600, 600), 1);
        vm.assertEq(BurnPrice.decayedUp(MAX_PRICE, type(uint128).max, 1), 1);
        vm.assertEq(BurnPrice.decayedUp(0, 96 * 600, 600), 0);
    }

    function testFuzz_decayedUp_later_neverClimbs(uint256 price, uint256 halfLife, uint256 a, uint256 b) public pure {
        price = _bound(price, 0, MAX_PRICE);
        halfLife = _bound(halfLife, 1, type(uint32).max);
        a = _bound(a, 0, 200 * halfLife);
        b = _bound(b, 0, 200 * halfLife);
        (a, b) = a < b ? (a, b) : (b, a);
        vm.assertGe(BurnPrice.decayedUp(price, a, halfLife), BurnPrice.decayedUp(price, b, halfLife));
    }

    function testFuzz_decayedUp_nextSecond_neverClimbs(uint256 price, uint256 halfLife, uint256 t) public pure {
        price = _bound(price, 0, MAX_PRICE);
        halfLife = _bound(halfLife, 1, type(uint32).max);
        t = _bound(t, 0, 3 * halfLife);
        vm.assertGe(BurnPrice.decayedUp(price, t, halfLife), BurnPrice.decayedUp(price, t + 1, halfLife));
    }

    function testFuzz_decayedUp_oneHalfLifeLater_isHalfRoundedUp(
        uint256 price,
        uint256 halfLife,
        uint256 t
    ) public pure {
        price = _bound(price, 0, MAX_PRICE);
        halfLife = _bound(halfLife, 1, type(uint32).max);
        t = _bound(t, 0, 10 * halfLife);
        uint256 now_ = BurnPrice.decayedUp(price, t, halfLife);
        uint256 later = BurnPrice.decayedUp(price, t + halfLife, halfLife);
        vm.assertGe(later, now_ / 2);
        vm.assertLe(later, (now_ + 1) / 2);
    }

    function testFuzz_halfToThePowerUp_squared_isTheFactorOfTwice(uint256 fraction) public pure {
        fraction = _bound(fraction, 0, (1 << 31) - 1);
        uint256 once = BurnPrice.halfToThePowerUp(fraction) >> 64; // Q64, error below 2^-63
        uint256 twice = BurnPrice.halfToThePowerUp(2 * fraction) >> 64;
        vm.assertApproxEqAbs((once * once) >> 64, twice, 4);
    }
}
