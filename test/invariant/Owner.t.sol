// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CollateralVault} from "../../contracts/CollateralVault.sol";
import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {MoneyChecks} from "./MoneyChecks.sol";
import {MoneyHandler} from "./MoneyHandler.t.sol";
import {OwnerHandler} from "./OwnerHandler.t.sol";

/// @notice Stateful invariants while stake is slashed, keys change hands and a guardian pauses; numbers as in
/// docs/invariants.md. I34 to I36 are checked in the handlers, at each action; I37 is, since no action but the two that
/// a pause closes accepts its error.
contract OwnerInvariants is MoneyChecks {
    uint256 private constant COLLATERAL = 20e18;

    OwnerHandler private handler;
    CollateralVault private vault;

    function setUp() public {
        handler = new OwnerHandler();
        _watch(handler);
        vault = handler.collateralVault();
        bytes4[] memory actions = new bytes4[](18);
        actions[0] = MoneyHandler.warp.selector;
        actions[1] = MoneyHandler.register.selector;
        actions[2] = MoneyHandler.stake.selector;
        actions[3] = MoneyHandler.unstake.selector;
        actions[4] = MoneyHandler.withdraw.selector;
        actions[5] = MoneyHandler.claimPermit.selector;
        actions[6] = MoneyHandler.settle.selector;
        actions[7] = MoneyHandler.claim.selector;
        actions[8] = MoneyHandler.donate.selector;
        actions[9] = MoneyHandler.warp.selector;
        actions[10] = OwnerHandler.slash.selector;
        actions[11] = OwnerHandler.slashCollateral.selector;
        actions[12] = OwnerHandler.release.selector;
        actions[13] = OwnerHandler.setTake.selector;
        actions[14] = OwnerHandler.applyTake.selector;
        actions[15] = OwnerHandler.transferColdkey.selector;
        actions[16] = OwnerHandler.rotate.selector;
        actions[17] = OwnerHandler.pause.selector;
        _target(address(handler), actions);
    }

    /// One campaign for all of them: each sequence of actions is judged by every invariant.
    function invariant_all() public view {
        check_I1_tokensAreConserved();
        check_I2_stakeManagerHoldsPoolsAndUnbonding();
        check_I32_vaultHoldsWhatIsLocked();
        check_I33_whatWaitsIsPayable();
        check_I34_takesStayBelowTheirMaximum();
        check_I38_sharesSumToTheirTotalThroughSlashes();
        check_I10_everyUidHasOneNeuronAndOneHotkey();
    }

    function check_I1_tokensAreConserved() public view {
        _checkConservation(token.balanceOf(address(vault)));
    }

    function check_I2_stakeManagerHoldsPoolsAndUnbonding() public view {
        uint256 owed;
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            owed += stakes.poolAssets(id) + stakes.unbondingAssets(id);
        }
        vm.assertEq(token.balanceOf(address(stakes)), owed + handler.donatedToStakes());
    }

    function check_I32_vaultHoldsWhatIsLocked() public view {
        uint256 sum;
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            (uint256 locked, uint256 unearned) = vault.collateralOf(id);
            vm.assertLe(unearned, locked, "unearned above locked");
            vm.assertLe(locked, COLLATERAL, "locked above the collateral");
            sum += locked;
        }
        vm.assertEq(token.balanceOf(address(vault)), sum);
    }

    function check_I33_whatWaitsIsPayable() public view {
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            uint256 waits;
            for (uint256 i = 0; i < ACTORS; i++) {
                IStakeManager.Unbonding[] memory waiting = stakes.unbonding(id, handler.actors(i));
                for (uint256 k = 0; k < waiting.length; k++) waits += waiting[k].assets;
            }
            vm.assertLe(waits, stakes.unbondingAssets(id), "waits for more than there is");
        }
    }

    function check_I34_takesStayBelowTheirMaximum() public view {
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) vm.assertLe(stakes.takeBpsOf(id), 1800, "take");
    }

    function check_I38_sharesSumToTheirTotalThroughSlashes() public view {
        _checkShares();
    }

    function check_I10_everyUidHasOneNeuronAndOneHotkey() public view {
        _checkUids();
    }
}
