// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CollateralVault} from "../../contracts/CollateralVault.sol";
import {Linked} from "../../contracts/Linked.sol";
import {ICollateralVault} from "../../contracts/interfaces/ICollateralVault.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice Every neuron locks 50 WEFT. Neuron 1 is alice's and mines, neuron 2 bob's and validates.
contract CollateralVaultTest is MoneySystem {
    uint256 private constant ONE = 1 << 32;
    uint256 private constant COLLATERAL = 50e18;
    address private reporter = address(0x4E9);

    function setUp() public {
        IMetagraph.Parameters memory p = _metagraphParameters();
        p.collateral = COLLATERAL;
        _deploy(p, _emissionParameters());
        _register(alice, 0);
        _register(bob, 1);
        _stake(bob, 2, 100e18);
        vm.prank(bob);
        metagraph.claimPermit(1);
    }

    function test_register_locksBesideWhatItBurns() public {
        uint256 held = token.balanceOf(alice);
        uint256 price = metagraph.burnPrice();
        vm.expectEmit(address(vault));
        emit ICollateralVault.CollateralLocked(3, COLLATERAL);
        _register(alice, 2);
        vm.assertEq(token.balanceOf(alice), held - price - COLLATERAL);
        vm.assertEq(token.balanceOf(address(vault)), 3 * COLLATERAL);
        _expectCollateral(3, COLLATERAL, COLLATERAL);
    }

    function test_lockAndSlash_byAnother_revert() public {
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralVault.NotMetagraph.selector, address(this), address(metagraph))
        );
        vault.lock(1, 1);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralVault.NotSlashing.selector, address(this), address(slashing))
        );
        vault.slash(1, 1, reporter, 0);
    }

    function test_link_againByAnotherOrToNoContract_reverts() public {
        vm.expectRevert(Linked.AlreadyLinked.selector);
        vault.link(address(slashing));
        CollateralVault fresh = new CollateralVault(metagraph, emission, stakes);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        fresh.link(address(slashing));
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        fresh.link(alice);
        vm.expectEmit(address(fresh));
        emit ICollateralVault.CollateralVaultLinked(address(slashing));
        fresh.link(address(slashing));
    }

    function test_release_earnedAPart_paysThatPartOnce() public {
        _earn(1, ONE / 4, 0);
        (uint256 earned, ) = emission.earned(1);
        vm.assertLt(earned, COLLATERAL);
        _expectCollateral(1, COLLATERAL, COLLATERAL - earned);
        uint256 held = token.balanceOf(alice);
        vm.expectEmit(address(vault));
        emit ICollateralVault.CollateralReleased(1, alice, earned);
        vm.prank(bob); // anyone
        vm.assertEq(vault.release(1), earned);
        vm.assertEq(token.balanceOf(alice), held + earned);
        _expectCollateral(1, COLLATERAL - earned, COLLATERAL - earned);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingUnlocked.selector, 1, COLLATERAL - earned));
        vault.release(1);
    }

    function test_release_earnedMore_paysAll() public {
        _earn(1, ONE, 0);
        _expectCollateral(1, COLLATERAL, 0);
        vm.assertEq(vault.release(1), COLLATERAL);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingUnlocked.selector, 1, 0));
        vault.release(1);
    }

    function test_release_unknownNeuron_revertsUnknownNeuron() public {
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.UnknownNeuron.selector, 9));
        vault.release(9);
    }

    function test_release_replacedNeuron_getsItBackAfterTheUnbondingTime() public {
        _register(alice, 2);
        _register(alice, 3);
        _toEpoch(4, 0);
        _register(bob, 4); // in place of neuron 1, which earned nothing
        (bool replaced, uint256 epoch) = metagraph.replacedIn(1);
        vm.assertTrue(replaced);
        vm.assertEq(epoch, 4);
        _toEpoch(6, EPOCH - 1);
        _expectCollateral(1, COLLATERAL, COLLATERAL);
        vm.expectRevert(abi.encodeWithSelector(ICollateralVault.NothingUnlocked.selector, 1, COLLATERAL));
        vault.release(1);
        _toEpoch(7, 0);
        vm.assertEq(vault.release(1), COLLATERAL);
    }

    function test_slash_reachesWhatIsUnearnedAlone() public {
        _earn(1, ONE / 4, 0);
        (uint256 earned, ) = emission.earned(1);
        uint256 supply = token.totalSupply();
        vm.expectEmit(address(vault));
        emit ICollateralVault.CollateralSlashed(1, COLLATERAL - earned, reporter, (COLLATERAL - earned) / 10);
        vm.prank(address(slashing));
        (uint256 taken, uint256 reward) = vault.slash(1, 2 * COLLATERAL, reporter, 1000);
        vm.assertEq(taken, COLLATERAL - earned);
        vm.assertEq(reward, taken / 10);
        vm.assertEq(token.balanceOf(reporter), reward);
        vm.assertEq(token.totalSupply(), supply - (taken - reward));
        _expectCollateral(1, earned, 0);
        vm.assertEq(vault.release(1), earned);
        vm.prank(address(slashing));
        (taken, reward) = vault.slash(1, 1, reporter, 1000);
        vm.assertEq(taken, 0);
    }

    function test_slash_withoutAReward_burnsAll() public {
        uint256 supply = token.totalSupply();
        vm.prank(address(slashing));
        vault.slash(1, 7, reporter, 0);
        vm.assertEq(token.totalSupply(), supply - 7);
        _expectCollateral(1, COLLATERAL - 7, COLLATERAL - 7);
    }

    /// @notice I30: what was locked is released, slashed or still there, and nothing unearned is released.
    function testFuzz_collateral_anyEarningsAndSlashes_addUp(
        uint256[3] memory shares,
        uint256[3] memory slashes
    ) public {
        uint256 released;
        uint256 slashed;
        for (uint256 k = 0; k < 3; k++) {
            _settleAt(k + 1, _bound(shares[k], 0, ONE / 4));
            (uint256 locked, uint256 unearned) = vault.collateralOf(1);
            vm.prank(address(slashing));
            (uint256 taken, ) = vault.slash(1, _bound(slashes[k], 0, COLLATERAL), reporter, 500);
            vm.assertLe(taken, unearned, "slashed what was earned");
            slashed += taken;
            if (locked > unearned) released += vault.release(1);
            (locked, ) = vault.collateralOf(1);
            vm.assertEq(released + slashed + locked, COLLATERAL, "sum");
            (uint256 earned, ) = emission.earned(1);
            vm.assertLe(released, earned, "released more than earned");
        }
        vm.assertEq(token.balanceOf(address(vault)), 2 * COLLATERAL - released - slashed);
    }

    function _earn(uint256 neuronId, uint256 share, uint256 epoch) private {
        _toEpoch(epoch + 1, 200);
        emission.settle(epoch, _one(neuronId), _one(share), _one(2), _one(0), address(this));
    }

    function _settleAt(uint256 epoch, uint256 share) private {
        _earn(1, share, epoch);
    }

    function _expectCollateral(uint256 neuronId, uint256 locked, uint256 unearned) private view {
        (uint256 l, uint256 u) = vault.collateralOf(neuronId);
        vm.assertEq(l, locked, "locked");
        vm.assertEq(u, unearned, "unearned");
    }
}
