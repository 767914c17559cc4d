// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IStakeManager} from "../../contracts/interfaces/IStakeManager.sol";
import {MoneyChecks} from "./MoneyChecks.sol";
import {MoneyHandler} from "./MoneyHandler.t.sol";

/// @notice Stateful invariants of token, stake, metagraph and emission; numbers as in docs/invariants.md. I7 and I8 are
/// checked in the handler, at each action.
contract MoneyInvariants is MoneyChecks {
    uint256 private constant CAP = 21_000_000e18;
    uint256 private constant MAX_UIDS = 4;
    uint256 private constant MAX_VALIDATORS = 2;

    MoneyHandler private handler;

    function setUp() public {
        handler = new MoneyHandler();
        _watch(handler);
        bytes4[] memory actions = new bytes4[](11);
        actions[0] = MoneyHandler.warp.selector;
        actions[1] = MoneyHandler.register.selector;
        actions[2] = MoneyHandler.stake.selector;
        actions[3] = MoneyHandler.unstake.selector;
        actions[4] = MoneyHandler.withdraw.selector;
        actions[5] = MoneyHandler.claimPermit.selector;
        actions[6] = MoneyHandler.settle.selector;
        actions[7] = MoneyHandler.claim.selector;
        actions[8] = MoneyHandler.claimAccount.selector;
        actions[9] = MoneyHandler.donate.selector;
        actions[10] = MoneyHandler.warp.selector;
        _target(address(handler), actions);
    }

    /// One campaign for all of them: each sequence of actions is judged by every invariant.
    function invariant_all() public view {
        check_I1_tokensAreConserved();
        check_I2_stakeManagerHoldsPoolsAndUnbonding();
        check_I3_emissionHoldsWhatItOwes();
        check_I4_mintedStaysWithinTheSchedule();
        check_I5_issuedStaysWithinTheCap();
        check_I6_claimsStayWithinEarnings();
        check_I9_sharesSumToTheirTotalAndArePayable();
        check_I10_everyUidHasOneNeuronAndOneHotkey();
        check_I11_permitsAreHeldByNeuronsAndBothReadingsAgree();
        check_I12_stakeOfTheEpochIsWhatStoodAtItsStart();
        check_I13_burnPriceStaysBetweenFloorAndCeiling();
    }

    function check_I1_tokensAreConserved() public view {
        _checkConservation(0);
    }

    function check_I2_stakeManagerHoldsPoolsAndUnbonding() public view {
        uint256 owed;
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            owed += stakes.poolAssets(id);
            for (uint256 i = 0; i < ACTORS; i++) {
                IStakeManager.Unbonding[] memory waiting = stakes.unbonding(id, handler.actors(i));
                for (uint256 k = 0; k < waiting.length; k++) {
                    owed += waiting[k].assets;
                }
            }
        }
        vm.assertEq(token.balanceOf(address(stakes)), owed + handler.donatedToStakes());
    }

    function check_I3_emissionHoldsWhatItOwes() public view {
        (uint256 earned, uint256 claimed) = _earnedAndClaimed();
        vm.assertEq(token.balanceOf(address(emission)), earned - claimed + handler.donatedToEmission());
    }

    function check_I4_mintedStaysWithinTheSchedule() public view {
        uint256 last = emission.lastBoundary();
        uint256 seconds_ = last == 0 ? 0 : last - metagraph.clock().genesis();
        vm.assertLe(handler.minted(), seconds_ * emission.parameters().baseRate);
        vm.assertLe(handler.minted(), handler.allowed());
    }

    function check_I5_issuedStaysWithinTheCap() public view {
        vm.assertLe(token.issued(), CAP);
        vm.assertEq(token.issued(), ALLOCATION + handler.minted());
    }

    function check_I6_claimsStayWithinEarnings() public view {
        (uint256 earned, uint256 claimed) = _earnedAndClaimed();
        vm.assertLe(claimed, earned);
        vm.assertEq(claimed, handler.claimed());
    }

    function check_I9_sharesSumToTheirTotalAndArePayable() public view {
        _checkShares();
    }

    function check_I10_everyUidHasOneNeuronAndOneHotkey() public view {
        _checkUids();
        vm.assertLe(metagraph.uidCount(), MAX_UIDS);
    }

    function check_I11_permitsAreHeldByNeuronsAndBothReadingsAgree() public view {
        uint256 epoch = metagraph.currentEpoch();
        for (uint256 e = epoch == 0 ? 0 : epoch - 1; e <= epoch + 1; e++) {
            uint256 word = metagraph.permitsAt(e);
            uint256 held;
            for (uint256 uid = 0; uid < metagraph.uidCount(); uid++) {
                bool permitted = (word >> uid) & 1 == 1;
                if (permitted) held++;
                vm.assertTrue(permitted == _permitted(uid, e), "a uid's permit");
            }
            vm.assertEq(word >> metagraph.uidCount(), 0, "a permit without a neuron");
            vm.assertLe(held, MAX_VALIDATORS, "more permits than seats");
        }
    }

    function check_I12_stakeOfTheEpochIsWhatStoodAtItsStart() public view {
        uint256 epoch = metagraph.currentEpoch();
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            vm.assertEq(stakes.stakeAt(id, epoch), handler.stakeAtEpochStart(id), "stake of a neuron");
        }
    }

    function check_I13_burnPriceStaysBetweenFloorAndCeiling() public view {
        vm.assertGe(metagraph.burnPrice(), 1e18);
        vm.assertLe(metagraph.burnPrice(), 1000e18);
    }

    function _permitted(uint256 uid, uint256 epoch) private view returns (bool) {
        (, address hotkey, , , ) = metagraph.neuron(metagraph.neuronAt(uid));
        try metagraph.permittedNeuronOf(hotkey, epoch) {
            return true;
        } catch {
            return false;
        }
    }

    function _earnedAndClaimed() private view returns (uint256 earned, uint256 claimed) {
        for (uint256 id = 1; id <= metagraph.neuronCount(); id++) {
            (uint256 e, uint256 c) = emission.earned(id);
            (earned, claimed) = (earned + e, claimed + c);
        }
        for (uint256 i = 0; i <= ACTORS; i++) {
            (uint256 e, uint256 c) = emission.accountEarned(
                i == ACTORS ? handler.treasuryAccount() : handler.actors(i)
            );
            (earned, claimed) = (earned + e, claimed + c);
        }
    }
}
