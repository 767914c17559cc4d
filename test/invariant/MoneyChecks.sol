// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Emission} from "../../contracts/Emission.sol";
import {Metagraph} from "../../contracts/Metagraph.sol";
import {StakeManager} from "../../contracts/StakeManager.sol";
import {WeftToken} from "../../contracts/WeftToken.sol";
import {WeftTest} from "../support/solidity/WeftTest.sol";
import {MoneyHandler} from "./MoneyHandler.t.sol";

/// @notice What holds of the money contracts whoever acts on them.
abstract contract MoneyChecks is WeftTest {
    uint256 internal constant ALLOCATION = 200_000e18;
    uint256 internal constant ACTORS = 4;

    MoneyHandler private _handler;
    WeftToken internal token;
    StakeManager internal stakes;
    Metagraph internal metagraph;
    Emission internal emission;

    function _watch(MoneyHandler handler) internal {
        handler.init();
        _handler = handler;
        (token, stakes, metagraph, emission) = handler.contracts();
    }

    /// @dev `elsewhere`: wei in contracts beside stake manager and emission.
    function _checkConservation(uint256 elsewhere) internal view {
        uint256 sum = token.balanceOf(address(stakes)) + token.balanceOf(address(emission)) + elsewhere;
        sum += token.balanceOf(_handler.treasuryAccount());
        for (uint256 i = 0; i < ACTORS; i++) {
            sum += token.balanceOf(_handler.actors(i));
        }
        vm.assertEq(sum, token.totalSupply());
        vm.assertEq(sum, ALLOCATION + _handler.minted() - _handler.burned());
    }

    function _checkShares() internal view {
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            (uint256 shares, uint256 assets) = (0, 0);
            for (uint256 i = 0; i < ACTORS; i++) {
                shares += stakes.shares(id, _handler.actors(i));
                assets += stakes.assetsOf(id, _handler.actors(i));
            }
            vm.assertEq(shares, stakes.totalShares(id), "shares of a pool");
            vm.assertLe(assets, stakes.poolAssets(id), "assets of a pool");
        }
    }

    function _checkUids() internal view {
        uint256 active;
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            (, address hotkey, uint256 uid, , bool holds) = metagraph.neuron(id);
            (uint256 served, uint256 servedUid) = metagraph.neuronOf(hotkey);
            vm.assertTrue(holds == (served == id), "a hotkey serves who holds its uid");
            vm.assertTrue(holds == metagraph.isActive(id), "two views of activity");
            if (!holds) continue;
            active++;
            vm.assertEq(servedUid, uid, "the hotkey's uid");
            vm.assertEq(metagraph.neuronAt(uid), id, "the uid's neuron");
        }
        vm.assertEq(active, metagraph.uidCount());
    }
}
