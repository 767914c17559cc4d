// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CollateralVault} from "../../contracts/CollateralVault.sol";
import {ICollateralVault} from "../../contracts/interfaces/ICollateralVault.sol";
import {IGated} from "../../contracts/interfaces/IGated.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {MoneyHandler} from "./MoneyHandler.t.sol";

/// @notice Beside the users of `MoneyHandler`: slashes, collateral, takes, keys that change hands, and a guardian. Every
/// neuron locks 20 WEFT. Every action justifies its outcome.
contract OwnerHandler is MoneyHandler {
    uint256 private constant CAP_BPS = 1000;
    uint256 private constant REWARD_BPS = 1000;
    uint256 private constant KEYS = 20;

    mapping(uint256 neuronId => mapping(uint256 epoch => uint256)) private _slashTaken;
    /// @dev Epoch + 1 in which the pending higher take of a neuron was announced.
    mapping(uint256 neuronId => uint256) private _announcedIn;

    function _parameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = _metagraphParameters();
        p.collateral = 20e18;
    }

    function collateralVault() external view returns (CollateralVault) {
        return vault;
    }

    function slash(uint256 seed, uint256 amount, uint256 who) external {
        _begin();
        uint256 id = _neuron(seed);
        uint256 epoch = metagraph.currentEpoch();
        address owner = metagraph.coldkeyOf(id);
        uint256 all = stakes.poolAssets(id) + stakes.unbondingAssets(id);
        amount = _bound(amount, 0, all + all / 10);
        uint256 supply = token.totalSupply();
        vm.prank(address(slashing));
        (uint256 fromOwner, uint256 fromPool, uint256 reward) = stakes.slash(
            id,
            owner,
            amount,
            CAP_BPS,
            _actor(who),
            REWARD_BPS
        );
        vm.assertLe(fromOwner + fromPool, amount, "I36: took more than asked");
        vm.assertLe(reward, fromOwner / 10, "I36: rewarded out of others' stake");
        vm.assertEq(supply - token.totalSupply(), fromOwner + fromPool - reward, "I36: burned another amount");
        burned += fromOwner + fromPool - reward;
        // Of what is everybody's at any slash, with what slashes of the epoch took before, at most the cap is taken.
        uint256 everybodys = all - fromOwner + _slashTaken[id][epoch];
        if (fromPool > 0) {
            _slashTaken[id][epoch] += fromPool;
            vm.assertLe(_slashTaken[id][epoch], (everybodys * CAP_BPS) / 10_000, "I36: above the cap");
        }
        _end(id);
    }

    function slashCollateral(uint256 seed, uint256 amount, uint256 who) external step {
        uint256 id = _neuron(seed);
        (uint256 locked, uint256 unearned) = vault.collateralOf(id);
        amount = _bound(amount, 0, locked + 1);
        vm.prank(address(slashing));
        (uint256 taken, uint256 reward) = vault.slash(id, amount, _actor(who), REWARD_BPS);
        vm.assertLe(taken, unearned, "I32: slashed what was earned");
        burned += taken - reward;
    }

    function release(uint256 seed) external step {
        uint256 id = _neuron(seed);
        (uint256 locked, uint256 unearned) = vault.collateralOf(id);
        address coldkey = metagraph.coldkeyOf(id);
        uint256 held = token.balanceOf(coldkey);
        try vault.release(id) returns (uint256 amount) {
            vm.assertEq(amount, locked - unearned, "I32: released another amount than unlocked");
            vm.assertEq(token.balanceOf(coldkey), held + amount, "not paid to the coldkey");
        } catch (bytes memory reason) {
            if (bytes4(reason) != ICollateralVault.NothingUnlocked.selector) _unexplained(reason);
            vm.assertEq(locked, unearned, "I32: a release was blocked");
        }
    }

    function setTake(uint256 seed, uint256 takeBps) external step {
        uint256 id = _neuron(seed);
        uint256 before = stakes.takeBpsOf(id);
        takeBps = _bound(takeBps, 0, 1800);
        vm.prank(metagraph.coldkeyOf(id));
        stakes.setTake(id, takeBps);
        if (takeBps > before) {
            vm.assertEq(stakes.takeBpsOf(id), before, "I34: raised without notice");
            _announcedIn[id] = metagraph.currentEpoch() + 1;
        } else vm.assertEq(stakes.takeBpsOf(id), takeBps, "not lowered");
    }

    function applyTake(uint256 seed) external step {
        uint256 id = _neuron(seed);
        (uint256 takeBps, uint256 fromEpoch) = stakes.takeNotice(id);
        try stakes.applyTake(id) {
            vm.assertEq(stakes.takeBpsOf(id), takeBps, "applied another take");
            vm.assertGe(metagraph.currentEpoch() + 1, _announcedIn[id] + 3, "I34: applied before its notice");
        } catch (bytes memory reason) {
            if (bytes4(reason) != IStakeManager.TakeNotDue.selector) _unexplained(reason);
            vm.assertTrue(fromEpoch == 0 || metagraph.currentEpoch() < fromEpoch, "was due");
        }
    }

    function transferColdkey(uint256 seed, uint256 to) external step {
        (uint256 id, address next) = (_neuron(seed), _actor(to));
        address owner = metagraph.coldkeyOf(id);
        uint256 moved = owner == next ? 0 : stakes.shares(id, owner);
        uint256 held = stakes.shares(id, next);
        vm.prank(owner);
        metagraph.offerColdkey(id, next);
        vm.prank(next);
        try metagraph.acceptColdkey(id) {
            vm.assertEq(metagraph.coldkeyOf(id), next);
            vm.assertEq(stakes.shares(id, next), held + moved, "I35: the owner's shares did not move along");
        } catch (bytes memory reason) {
            if (bytes4(reason) != IStakeManager.StillUnbonding.selector) _unexplained(reason);
            IStakeManager.Unbonding[] memory waiting = stakes.unbonding(id, owner);
            vm.assertGt(waiting[waiting.length - 1].releaseAt, block.timestamp);
        }
    }

    function rotate(uint256 seed, uint256 key) external step {
        uint256 id = _neuron(seed);
        address owner = metagraph.coldkeyOf(id);
        uint256 index = 10 + (key % (KEYS - 10));
        bytes memory consent = _consent(index, owner, FOREVER);
        address hotkey = _hotkey(index);
        (uint256 serves, ) = metagraph.neuronOf(hotkey);
        vm.prank(owner);
        try metagraph.rotateHotkey(id, hotkey, FOREVER, consent) {
            vm.assertEq(serves, 0, "a hotkey in use was taken");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IMetagraph.HotkeyTaken.selector) vm.assertTrue(serves != 0);
            else if (selector == IMetagraph.Replaced.selector) vm.assertFalse(metagraph.isActive(id));
            else _unexplained(reason);
        }
    }

    function pause(uint256 which, uint256 time) external step {
        IGated gated = which % 2 == 0 ? IGated(address(stakes)) : IGated(address(metagraph));
        gated.pause(block.timestamp + _bound(time, 1, 7 days));
        if (time % 3 == 0) gated.unpause();
    }
}
