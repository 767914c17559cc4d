// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IEmission} from "../../contracts/interfaces/IEmission.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {Emission} from "../../contracts/Emission.sol";
import {Metagraph} from "../../contracts/Metagraph.sol";
import {StakeManager} from "../../contracts/StakeManager.sol";
import {WeftToken} from "../../contracts/WeftToken.sol";
import {GateLib} from "../../contracts/libraries/Gate.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice Random users of the money contracts, and their epoch engine. Every action justifies its outcome: a revert must
/// carry an error whose condition held, and a success must have had the effects it promises.
contract MoneyHandler is MoneySystem {
    uint256 private constant HOTKEYS = 10;

    address[] public actors;

    /// @notice Wei burned by registrations.
    uint256 public burned;
    /// @notice Wei sent by plain transfers to the stake manager and to the emission.
    uint256 public donatedToStakes;
    uint256 public donatedToEmission;
    /// @notice Wei minted by settlements, and the most the schedule allowed for them.
    uint256 public minted;
    uint256 public allowed;
    /// @notice Wei paid by claims.
    uint256 public claimed;

    mapping(uint256 neuronId => uint256) public stakeAtEpochStart;
    uint256 private _epochSeen;
    mapping(uint256 neuronId => uint256) private _priceAssets;
    mapping(uint256 neuronId => uint256) private _priceShares;

    function init() external {
        _deploy(_parameters(), _emissionParameters());
        actors.push(alice);
        actors.push(bob);
        actors.push(address(0xC0));
        actors.push(address(0xD0));
        for (uint256 i = 2; i < 4; i++) {
            vm.prank(alice);
            token.transfer(actors[i], 20_000e18);
            vm.startPrank(actors[i]);
            token.approve(address(stakes), FOREVER);
            token.approve(address(metagraph), FOREVER);
            vm.stopPrank();
        }
        _register(alice, 0);
        _register(bob, 1);
        vm.warp(GENESIS - 100);
        burned = 400_000e18 / 2 - token.totalSupply();
    }

    function _parameters() internal pure virtual returns (IMetagraph.Parameters memory) {
        return _metagraphParameters();
    }

    function contracts() external view returns (WeftToken, StakeManager, Metagraph, Emission) {
        return (token, stakes, metagraph, emission);
    }

    function neurons() public view returns (uint256) {
        return metagraph.neuronCount();
    }

    /// @dev Before an action: pools as they stood when the epoch began. After it: no share lost value.
    modifier step() {
        _begin();
        _;
        _end(0);
    }

    function _begin() internal {
        uint256 epoch = metagraph.currentEpoch();
        bool moves = epoch != _epochSeen || block.timestamp < GENESIS;
        if (moves) _noteStakes();
        _epochSeen = epoch;
    }

    /// @dev `slashed`: the neuron whose shares may have lost value, 0 for none.
    function _end(uint256 slashed) internal {
        if (block.timestamp < GENESIS) _noteStakes();
        for (uint256 id = 1; id <= neurons(); id++) {
            (uint256 assets, uint256 shares) = (stakes.poolAssets(id) + 1, stakes.totalShares(id) + 1e6);
            if (_priceShares[id] != 0 && id != slashed) {
                vm.assertGe(assets * _priceShares[id], _priceAssets[id] * shares, "I8: a share lost value");
            }
            (_priceAssets[id], _priceShares[id]) = (assets, shares);
        }
    }

    function _noteStakes() private {
        for (uint256 id = 1; id <= neurons(); id++) stakeAtEpochStart[id] = stakes.poolAssets(id);
    }

    function _actor(uint256 seed) internal view returns (address) {
        return actors[seed % actors.length];
    }

    function _neuron(uint256 seed) internal view returns (uint256) {
        return 1 + (seed % neurons());
    }

    function _unexplained(bytes memory reason) internal pure {
        vm.assertTrue(false, string(abi.encodePacked("unexplained revert ", reason)));
    }

    // Actions

    function warp(uint256 by) external {
        vm.warp(block.timestamp + _bound(by, 1, 250));
        if (block.timestamp < GENESIS) return;
        uint256 epoch = metagraph.currentEpoch();
        if (epoch != _epochSeen) _noteStakes();
        _epochSeen = epoch;
    }

    function register(uint256 who, uint256 key) external step {
        (address coldkey, uint256 index) = (_actor(who), key % HOTKEYS);
        bytes memory consent = _consent(index, coldkey, FOREVER);
        uint256 price = metagraph.burnPrice();
        uint256 costs = price + metagraph.parameters().collateral;
        uint256 held = token.balanceOf(coldkey);
        (uint256 serves, ) = metagraph.neuronOf(_hotkey(index));
        vm.prank(coldkey);
        try metagraph.register(_hotkey(index), price, FOREVER, consent) returns (uint256 id, uint256 uid) {
            burned += price;
            vm.assertEq(serves, 0, "a hotkey in use was registered");
            vm.assertEq(id, neurons(), "a neuronId was reused");
            vm.assertEq(metagraph.neuronAt(uid), id, "not on its uid");
            vm.assertEq(token.balanceOf(coldkey), held - costs, "took another amount than price and collateral");
            vm.assertGe(metagraph.burnPrice(), price, "a registration lowered the price");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == GateLib.Paused.selector) vm.assertLt(block.timestamp, metagraph.pausedUntil());
            else if (selector == IMetagraph.HotkeyTaken.selector) vm.assertTrue(serves != 0, "hotkey was free");
            else if (selector == IMetagraph.RegistrationsExhausted.selector) {
                vm.assertEq(metagraph.registrationsLeft(), 0, "registrations were left");
            } else if (selector == IMetagraph.NoReplaceableUid.selector) _checkNothingReplaceable();
            else if (held >= costs) _unexplained(reason);
        }
    }

    function _checkNothingReplaceable() private view {
        uint256 epoch = metagraph.currentEpoch();
        uint256 word = metagraph.permitsAt(epoch) | metagraph.permitsAt(epoch + 1);
        if (epoch > 0) word |= metagraph.permitsAt(epoch - 1);
        (uint256 nonImmune, uint256 free) = (0, 0);
        vm.assertEq(metagraph.uidCount(), 4, "a uid was free");
        for (uint256 uid = 0; uid < 4; uid++) {
            (, , , uint256 since, ) = metagraph.neuron(metagraph.neuronAt(uid));
            if (epoch < since + 3) continue;
            nonImmune++;
            if ((word >> uid) & 1 == 0) free++;
        }
        vm.assertTrue(nonImmune <= 1 || free == 0, "a uid could have been replaced");
    }

    function stake(uint256 who, uint256 onto, uint256 assets) external step {
        (address account, uint256 id) = (_actor(who), _neuron(onto));
        uint256 held = token.balanceOf(account);
        assets = _bound(assets, 0, held + held / 20);
        uint256 preview = stakes.previewStake(id, assets);
        vm.prank(account);
        try stakes.stake(id, assets, 0, FOREVER) returns (uint256 shares) {
            vm.assertEq(shares, preview, "another number of shares than previewed");
            vm.assertEq(token.balanceOf(account), held - assets, "took another amount");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == GateLib.Paused.selector) {
                vm.assertLt(block.timestamp, stakes.pausedUntil());
            } else if (selector == IStakeManager.InactiveNeuron.selector) {
                vm.assertFalse(metagraph.isActive(id));
            } else if (selector == IStakeManager.ZeroShares.selector) {
                vm.assertEq(preview, 0, "was worth a share");
            } else if (assets <= held) {
                _unexplained(reason);
            }
        }
    }

    function unstake(uint256 who, uint256 from, uint256 shares) external step {
        (address account, uint256 id) = (_actor(who), _neuron(from));
        uint256 held = stakes.shares(id, account);
        shares = _bound(shares, 0, held + 1);
        uint256 preview = stakes.previewUnstake(id, shares);
        vm.prank(account);
        try stakes.unstake(id, shares, 0, FOREVER) returns (uint256 assets) {
            vm.assertEq(assets, preview, "another amount than previewed");
            IStakeManager.Unbonding[] memory waiting = stakes.unbonding(id, account);
            uint256 releaseAt = waiting[waiting.length - 1].releaseAt;
            vm.assertGe(releaseAt, block.timestamp + 2 * EPOCH, "I7: unbonds in less than two epochs");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IStakeManager.InsufficientShares.selector) vm.assertGt(shares, held);
            else if (selector == IStakeManager.ZeroAssets.selector) vm.assertEq(preview, 0, "was worth a wei");
            else _unexplained(reason);
        }
    }

    function withdraw(uint256 who, uint256 from) external step {
        (address account, uint256 id) = (_actor(who), _neuron(from));
        IStakeManager.Unbonding[] memory waiting = stakes.unbonding(id, account);
        uint256 matured;
        for (uint256 i = 0; i < waiting.length && i < 32; i++) {
            if (waiting[i].releaseAt <= block.timestamp) matured += waiting[i].assets;
        }
        uint256 before = token.balanceOf(account);
        vm.prank(account);
        try stakes.withdraw(id) returns (uint256 assets) {
            // Each entry's worth is rounded down when it is shown, their sum when it is paid.
            vm.assertGe(assets, matured, "I7: paid less than what had matured");
            vm.assertLe(assets, matured + waiting.length, "I7: paid more than what had matured");
            vm.assertEq(token.balanceOf(account), before + assets, "paid another amount");
        } catch (bytes memory reason) {
            if (bytes4(reason) != IStakeManager.NothingMatured.selector) _unexplained(reason);
            vm.assertEq(matured, 0, "I7: a matured withdrawal was blocked");
        }
    }

    function claimPermit(uint256 uid) external step {
        uid = uid % metagraph.uidCount();
        uint256 id = metagraph.neuronAt(uid);
        uint256 epoch = block.timestamp < GENESIS ? 0 : metagraph.currentEpoch() + 1;
        uint256 word = metagraph.permitsAt(epoch);
        uint256 today = metagraph.permitsAt(metagraph.currentEpoch());
        vm.prank(metagraph.coldkeyOf(id));
        try metagraph.claimPermit(uid) {
            vm.assertTrue((metagraph.permitsAt(epoch) >> uid) & 1 == 1, "no permit");
            if (epoch > 0) vm.assertEq(metagraph.permitsAt(epoch - 1), today, "permits of the running epoch changed");
            vm.assertGe(stakes.poolAssets(id), 100e18, "too little stake");
        } catch (bytes memory reason) {
            bytes4 selector = bytes4(reason);
            if (selector == IMetagraph.AlreadyPermitted.selector)
                vm.assertTrue((word >> uid) & 1 == 1, "no permit yet");
            else if (selector == IMetagraph.StakeBelowMinimum.selector) vm.assertLt(stakes.poolAssets(id), 100e18);
            else if (selector == IMetagraph.PermitsFull.selector) _checkFull(word, stakes.poolAssets(id));
            else _unexplained(reason);
        }
    }

    function _checkFull(uint256 word, uint256 stakeHeld) private view {
        uint256 holders;
        for (uint256 uid = 0; uid < 4; uid++) {
            if ((word >> uid) & 1 == 0) continue;
            holders++;
            vm.assertGe(stakes.poolAssets(metagraph.neuronAt(uid)), stakeHeld, "a lower holder stayed");
        }
        vm.assertEq(holders, 2, "there was room");
    }

    function settle(uint256 miner, uint256 validator, uint256 incentive, uint256 dividend, uint256 who) external step {
        uint256 epoch = metagraph.currentEpoch();
        if (epoch == 0) return;
        epoch--;
        bytes memory call = abi.encodeCall(
            emission.settle,
            (
                epoch,
                _one(_neuron(miner)),
                _one(_bound(incentive, 0, 1 << 32)),
                _one(_neuron(validator)),
                _one(_bound(dividend, 0, 1 << 32)),
                _actor(who)
            )
        );
        _settleAndCheck(epoch, call);
    }

    function _settleAndCheck(uint256 epoch, bytes memory call) private {
        uint256 issued = token.issued();
        uint256 last = emission.lastBoundary();
        uint256 pot = 2 * EPOCH * emission.rate();
        (bool settled, bytes memory reason) = address(emission).call(call);
        if (!settled) {
            if (bytes4(reason) != IEmission.BoundaryNotLater.selector) _unexplained(reason);
            vm.assertGe(last, GENESIS + (epoch + 1) * EPOCH, "the boundary was later");
            return;
        }
        minted += token.issued() - issued;
        allowed += pot;
        vm.assertLe(token.issued() - issued, pot, "I4: minted more than two epochs of the rate");
        if (metagraph.firstPermitEpoch() > epoch) {
            vm.assertEq(token.issued(), issued, "I4: minted for a time without permits");
        }
        metagraph.recordSettlement(epoch, new bytes(2 * metagraph.uidCount()));
    }

    function claim(uint256 seed) external step {
        uint256 id = _neuron(seed);
        (uint256 total, uint256 before) = emission.earned(id);
        address coldkey = metagraph.coldkeyOf(id);
        uint256 held = token.balanceOf(coldkey);
        try emission.claim(id) returns (uint256 amount) {
            claimed += amount;
            vm.assertEq(amount, total - before, "paid another amount than owed");
            vm.assertEq(token.balanceOf(coldkey), held + amount, "not paid to the coldkey");
        } catch (bytes memory reason) {
            if (bytes4(reason) != IEmission.NothingToClaim.selector) _unexplained(reason);
            vm.assertEq(total, before, "I6: a claim was blocked");
        }
    }

    function claimAccount(uint256 seed) external step {
        address account = seed % 5 == 4 ? treasury : _actor(seed);
        (uint256 total, uint256 before) = emission.accountEarned(account);
        try emission.claimAccount(account) returns (uint256 amount) {
            claimed += amount;
            vm.assertEq(amount, total - before, "paid another amount than owed");
        } catch (bytes memory reason) {
            if (bytes4(reason) != IEmission.NothingToClaimFor.selector) _unexplained(reason);
            vm.assertEq(total, before, "I6: a claim was blocked");
        }
    }

    function donate(uint256 who, uint256 amount, bool toStakes) external step {
        address account = _actor(who);
        amount = _bound(amount, 0, token.balanceOf(account) / 10);
        vm.prank(account);
        token.transfer(toStakes ? address(stakes) : address(emission), amount);
        if (toStakes) donatedToStakes += amount;
        else donatedToEmission += amount;
    }

    function treasuryAccount() external view returns (address) {
        return treasury;
    }
}
