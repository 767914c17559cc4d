// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Linked} from "../../contracts/Linked.sol";
import {Slashing} from "../../contracts/Slashing.sol";
import {ICheckpointLedger} from "../../contracts/interfaces/ICheckpointLedger.sol";
import {IFaultLedger} from "../../contracts/interfaces/IFaultLedger.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {ISlashing} from "../../contracts/interfaces/ISlashing.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// @notice Unrevealed updates cost 1 %, weights 2 %, withheld data 5 %, two state roots 50 %; everybody else's stake loses at
/// most a tenth in an epoch; a tenth of the operator's part goes to the reporter. Every neuron locks 10 WEFT and is alice's;
/// validators 3 and 4 (uids 2 and 3) hold 600 and 400 WEFT of hers.
contract SlashingTest is RunSystem {
    address private reporter = address(0x4E9);

    function setUp() public {
        _deployRun();
        _toRound(3, 0);
    }

    function _runParameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = super._runParameters();
        p.collateral = 10e18;
    }

    // parameters and link

    function test_parameters_onTheirBounds_areTakenAndReadBack() public {
        ISlashing.Parameters memory highest = ISlashing.Parameters(5000, 5000, 5000, 5000, 10_000, 1000);
        vm.expectEmit(address(slashing));
        emit ISlashing.ParametersSet(highest);
        slashing.setParameters(highest);
        vm.assertEq(keccak256(abi.encode(slashing.parameters())), keccak256(abi.encode(highest)));
        ISlashing.Parameters memory none;
        slashing.setParameters(none);
        vm.assertEq(keccak256(abi.encode(slashing.parameters())), keccak256(abi.encode(none)));
    }

    function test_parameters_eachOneTooHigh_revertsParameterOutOfBounds() public {
        bytes32[6] memory names = [
            bytes32("updateNotRevealedBps"),
            "weightsNotRevealedBps",
            "dataWithheldBps",
            "twoStateRootsBps",
            "poolCapBps",
            "rewardBps"
        ];
        for (uint256 k = 0; k < names.length; k++) {
            uint256 most =
                k < 4
                    ? 5000
                    : k == 4
                        ? 10_000
                        : 1000;
            uint256[6] memory list = [uint256(0), 0, 0, 0, 0, 0];
            list[k] = most + 1;
            vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, names[k], most + 1, 0, most));
            slashing.setParameters(abi.decode(abi.encode(list), (ISlashing.Parameters)));
        }
    }

    function test_setParameters_byAnother_revertsAccessManagedUnauthorized() public {
        ISlashing.Parameters memory none;
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        slashing.setParameters(none);
    }

    function test_link_againByAnotherOrToNoContract_reverts() public {
        vm.expectRevert(Linked.AlreadyLinked.selector);
        slashing.link(address(challenges));
        Slashing fresh = new Slashing(
            metagraph,
            stakes,
            vault,
            updates,
            weights,
            checkpoints,
            _slashingParameters(),
            address(manager)
        );
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        fresh.link(address(challenges));
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        fresh.link(alice);
        vm.expectEmit(address(fresh));
        emit ISlashing.SlashingLinked(address(challenges));
        fresh.link(address(challenges));
    }

    // updates and weights

    function test_slashUpdate_unrevealed_takesCollateralFirst() public {
        _oneRevealsOneDoesNot(3);
        // 1 % of 10 WEFT of collateral; nothing is staked on neuron 2.
        vm.expectEmit(address(slashing));
        emit ISlashing.Slashed(2, ISlashing.Fault.UpdateNotRevealed, 3, 0.1e18, 0, 0, reporter, 0.01e18);
        vm.prank(reporter);
        slashing.slashUpdate(_hotkey(1), 3);
        vm.assertEq(token.balanceOf(reporter), 0.01e18);
        (uint256 locked, ) = vault.collateralOf(2);
        vm.assertEq(locked, 9.9e18);
    }

    function test_slashUpdate_again_revertsNoFault() public {
        _oneRevealsOneDoesNot(3);
        slashing.slashUpdate(_hotkey(1), 3);
        vm.expectRevert(abi.encodeWithSelector(IFaultLedger.NoFault.selector, _hotkey(1), 3));
        slashing.slashUpdate(_hotkey(1), 3);
    }

    function test_slashUpdate_neuronOfThatEpoch_revertsRegisteredSince() public {
        _register(alice, 4);
        _commitUpdate(4, 3);
        _oneRevealsOneDoesNot(3);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.RegisteredSince.selector, 5, 1, 1));
        slashing.slashUpdate(_hotkey(4), 3);
    }

    function test_slashUpdate_hotkeyOfNobody_revertsNotRegistered() public {
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotRegistered.selector, reporter));
        slashing.slashUpdate(reporter, 3);
    }

    function test_slashWeights_unrevealed_takesCollateralThenOwnStake() public {
        _weightsOneDoesNotReveal();
        // 2 % of 10 + 400 WEFT are 8.2; raise the fault's price to reach the stake.
        ISlashing.Parameters memory p = _slashingParameters();
        p.weightsNotRevealedBps = 1000;
        slashing.setParameters(p);
        vm.expectEmit(address(slashing));
        emit ISlashing.Slashed(4, ISlashing.Fault.WeightsNotRevealed, 0, 10e18, 31e18, 0, reporter, 4.1e18);
        vm.prank(reporter);
        slashing.slashWeights(_hotkey(3), 0);
        vm.assertEq(stakes.poolAssets(4), 369e18);
        vm.assertEq(token.balanceOf(reporter), 4.1e18);
    }

    function test_slashWeights_withoutAPermit_revertsNotPermitted() public {
        _commitWeights(0, 0, _row(2));
        _weightsOneDoesNotReveal();
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotPermitted.selector, 0, 0));
        slashing.slashWeights(_hotkey(0), 0);
    }

    // withheld data

    function test_slashWithheld_byAnother_revertsNotChallenge() public {
        vm.expectRevert(abi.encodeWithSelector(ISlashing.NotChallenge.selector, address(this), address(challenges)));
        slashing.slashWithheld(1, 3, reporter);
        vm.prank(address(challenges));
        vm.expectEmit(address(slashing));
        emit ISlashing.Slashed(1, ISlashing.Fault.DataWithheld, 3, 0.5e18, 0, 0, reporter, 0.05e18);
        slashing.slashWithheld(1, 3, reporter);
    }

    // two state roots

    function test_slashTwoStateRoots_signedByOneHotkey_takesHalf() public {
        (ICheckpointLedger.Checkpoint memory first, ICheckpointLedger.Checkpoint memory second) = _twoRoots(3);
        bytes memory one = _signed(2, first);
        bytes memory other = _signed(2, second);
        // Half of 610 WEFT: 10 of collateral, 295 of the operator's own.
        vm.expectEmit(address(slashing));
        emit ISlashing.Slashed(3, ISlashing.Fault.TwoStateRoots, 3, 10e18, 295e18, 0, reporter, 30.5e18);
        vm.prank(reporter);
        slashing.slashTwoStateRoots(_hotkey(2), first, one, second, other);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.AlreadySlashed.selector, 3, 3));
        slashing.slashTwoStateRoots(_hotkey(2), second, other, first, one);
    }

    function test_slashTwoStateRoots_sameRootOrOtherRound_revertsNoContradiction() public {
        (ICheckpointLedger.Checkpoint memory first, ICheckpointLedger.Checkpoint memory second) = _twoRoots(3);
        bytes memory one = _signed(2, first);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.NoContradiction.selector, 3, 3));
        slashing.slashTwoStateRoots(_hotkey(2), first, one, first, one);
        second.round = 4;
        bytes memory other = _signed(2, second);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.NoContradiction.selector, 3, 4));
        slashing.slashTwoStateRoots(_hotkey(2), first, one, second, other);
    }

    function test_slashTwoStateRoots_oneSignedByAnother_revertsNotSignedBy() public {
        (ICheckpointLedger.Checkpoint memory first, ICheckpointLedger.Checkpoint memory second) = _twoRoots(3);
        bytes memory one = _signed(2, first);
        bytes memory other = _signed(3, second);
        bytes32 digest = checkpoints.checkpointDigest(second);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.NotSignedBy.selector, _hotkey(2), digest));
        slashing.slashTwoStateRoots(_hotkey(2), first, one, second, other);
        digest = checkpoints.checkpointDigest(first);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.NotSignedBy.selector, _hotkey(3), digest));
        slashing.slashTwoStateRoots(_hotkey(3), first, one, second, other);
    }

    function test_slashTwoStateRoots_bothSidesOfTheEvidenceWindow() public {
        (ICheckpointLedger.Checkpoint memory first, ICheckpointLedger.Checkpoint memory second) = _twoRoots(3);
        uint256 until = GENESIS + 4 * EPOCH;
        vm.warp(until);
        bytes memory one = _signed(2, first);
        bytes memory other = _signed(2, second);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.EvidenceTooLate.selector, 3, until));
        slashing.slashTwoStateRoots(_hotkey(2), first, one, second, other);
        vm.warp(until - 1);
        slashing.slashTwoStateRoots(_hotkey(2), first, one, second, other);
    }

    function test_slashTwoStateRoots_beforeItRegistered_revertsRegisteredSince() public {
        _register(alice, 4);
        (ICheckpointLedger.Checkpoint memory first, ICheckpointLedger.Checkpoint memory second) = _twoRoots(3);
        bytes memory one = _signed(4, first);
        bytes memory other = _signed(4, second);
        vm.expectRevert(abi.encodeWithSelector(ISlashing.RegisteredSince.selector, 5, 1, 1));
        slashing.slashTwoStateRoots(_hotkey(4), first, one, second, other);
    }

    /// @dev Uid 0 commits and reveals, uid 1 only commits; the round is tallied.
    function _oneRevealsOneDoesNot(uint256 round) private {
        _commitUpdate(0, round);
        _commitUpdate(1, round);
        _toRound(round, 50);
        _revealUpdate(0, round);
        if (metagraph.uidCount() > UIDS) _revealNothing();
        _toRound(round, 75);
        updates.tally(round);
    }

    /// @dev One more reveal, so that a third commitment makes no outage of the round.
    function _revealNothing() private {
        vm.assertEq(metagraph.uidCount(), UIDS + 1);
        _toRound(3, 0);
        _commitUpdate(2, 3);
        _toRound(3, 50);
        _revealUpdate(2, 3);
    }

    function _weightsOneDoesNotReveal() private {
        for (uint256 uid = MINERS; uid < UIDS; uid++) _commitWeights(uid, 0, _row(uid));
        _toRound(4, 0);
        _revealWeights(2, 0, _row(2));
        _toRound(5, 0);
        weights.tally(0);
    }

    function _twoRoots(
        uint64 round
    ) private pure returns (ICheckpointLedger.Checkpoint memory first, ICheckpointLedger.Checkpoint memory second) {
        first = ICheckpointLedger.Checkpoint(round, keccak256("one"), DIGEST, 1);
        second = ICheckpointLedger.Checkpoint(round, keccak256("other"), DIGEST, 1);
    }

    function _signed(uint256 uid, ICheckpointLedger.Checkpoint memory checkpoint) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(HOTKEY_BASE + uid, checkpoints.checkpointDigest(checkpoint));
        return abi.encodePacked(r, s, v);
    }
}
