// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {WeftGovernor} from "../../../contracts/governance/WeftGovernor.sol";
import {IEpochEngine} from "../../../contracts/interfaces/IEpochEngine.sol";
import {IStakeCounting} from "../../../contracts/interfaces/IStakeCounting.sol";
import {IStakeManager} from "../../../contracts/interfaces/IStakeManager.sol";
import {Bounds} from "../../../contracts/libraries/Bounds.sol";
import {EpochAmountLib} from "../../../contracts/libraries/EpochAmount.sol";
import {RunSystem} from "../../support/solidity/RunSystem.sol";

/// @notice The governor changes a parameter of the engine through its timelock. Neurons 3 and 4 hold 600 and 400 WEFT of
/// alice's; bob holds nearly 100,000 WEFT and delegates to himself. Votes last 600 s, the timelock waits 100 s.
contract WeftGovernorTest is RunSystem {
    uint8 private constant AGAINST = 0;
    uint8 private constant FOR = 1;
    uint8 private constant ABSTAIN = 2;
    uint256 private constant VOTE_EPOCH = 2;

    TimelockController private timelock;
    WeftGovernor private governor;
    uint256 private proposal;

    function setUp() public {
        _deployRun();
        address[] memory anyone = new address[](1);
        timelock = new TimelockController(100, new address[](0), anyone, address(this));
        governor = new WeftGovernor(metagraph, stakes, timelock, 0, 600, 1e18, 10);
        timelock.grantRole(timelock.PROPOSER_ROLE(), address(governor));
        manager.grantRole(0, address(timelock), 0);
        vm.prank(bob);
        token.delegate(bob);
        _stake(bob, 3, 300e18);
        _toEpoch(1, 10);
        proposal = _propose(600);
        _toEpoch(VOTE_EPOCH, 0);
    }

    // timing and quorum

    function test_propose_voteOpensWithTheNextEpoch_ofThatEpochsStake() public {
        vm.assertEq(governor.proposalSnapshot(proposal), GENESIS + VOTE_EPOCH * EPOCH - 1);
        vm.assertEq(governor.proposalDeadline(proposal), GENESIS + VOTE_EPOCH * EPOCH + 599);
        vm.assertEq(governor.stakeEpochOf(proposal), VOTE_EPOCH);
        vm.assertTrue(governor.state(proposal) == IGovernor.ProposalState.Active);
        vm.warp(GENESIS + VOTE_EPOCH * EPOCH - 1);
        vm.assertTrue(governor.state(proposal) == IGovernor.ProposalState.Pending);
    }

    function test_votingDelay_aroundABoundary_endsASecondBeforeAnEpoch() public {
        _toEpoch(4, 0);
        vm.assertEq(governor.votingDelay(), EPOCH - 1);
        _toEpoch(4, EPOCH - 1);
        vm.assertEq(governor.votingDelay(), 0);
        vm.warp(GENESIS - 50);
        vm.assertEq(governor.votingDelay(), 49);
    }

    function test_quorum_isAPartOfTheSupplyWhenProposed() public {
        uint256 snapshot = governor.proposalSnapshot(proposal);
        vm.assertEq(governor.quorum(snapshot), (token.totalSupply() * 10) / 10_000);
        vm.assertEq(governor.quorum(snapshot + 1), 0);
        uint256 before = governor.quorum(snapshot);
        vm.prank(bob);
        token.burn(10_000e18);
        vm.assertEq(governor.quorum(snapshot), before);
    }

    function test_constructor_outOfBounds_revertsParameterOutOfBounds() public {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInvalidVotingPeriod.selector, 0));
        new WeftGovernor(metagraph, stakes, timelock, 0, 0, 0, 10);
        _rejects(60 days + 1, 10, "votingPeriod", 60 days + 1, 60 days);
        _rejects(600, 0, "quorumBps", 0, 5000);
        _rejects(600, 5001, "quorumBps", 5001, 5000);
        new WeftGovernor(metagraph, stakes, timelock, 0, 60 days, 0, 5000);
    }

    function _rejects(uint32 period, uint256 quorumBps, bytes32 name, uint256 value, uint256 most) private {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, name, value, 1, most));
        new WeftGovernor(metagraph, stakes, timelock, 0, period, 0, quorumBps);
    }

    function test_views_forWalletsAndExplorers() public view {
        vm.assertEq(governor.COUNTING_MODE(), "support=bravo&quorum=for,abstain");
        vm.assertEq(governor.CLOCK_MODE(), "mode=timestamp");
        vm.assertEq(uint256(governor.clock()), block.timestamp);
        vm.assertEq(governor.proposalThreshold(), 1e18);
        vm.assertTrue(governor.proposalNeedsQueuing(proposal));
    }

    // votes of holders

    function test_castVote_holder_countsWhatItHeld() public {
        vm.prank(bob);
        token.transfer(address(0xD), 5e18); // after the snapshot
        uint256 held = token.balanceOf(bob) + 5e18;
        vm.prank(bob);
        vm.assertEq(governor.castVote(proposal, FOR), held);
        _expectVotes(0, held, 0);
        vm.assertTrue(governor.hasVoted(proposal, bob));
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, bob));
        governor.castVote(proposal, FOR);
    }

    function test_castVote_unknownKind_revertsInvalidVoteType() public {
        vm.startPrank(alice);
        vm.expectRevert(IGovernor.GovernorInvalidVoteType.selector);
        governor.castVote(proposal, 3);
        vm.expectRevert(IGovernor.GovernorInvalidVoteType.selector);
        governor.castPoolVote(proposal, 3, 3);
        vm.expectRevert(IGovernor.GovernorInvalidVoteType.selector);
        governor.castStakeVote(proposal, 3, 3);
    }

    // votes of stake

    function test_castPoolVote_byTheColdkey_countsThePool() public {
        vm.expectEmit(address(governor));
        emit IStakeCounting.PoolRecorded(VOTE_EPOCH, 3, 900e18, 900e24);
        vm.expectEmit(address(governor));
        emit IStakeCounting.StakeVoteCast(alice, proposal, 3, FOR, 900e18);
        vm.prank(alice);
        vm.assertEq(governor.castPoolVote(proposal, 3, FOR), 900e18);
        _expectVotes(0, 900e18, 0);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IStakeCounting.PoolAlreadyVoted.selector, proposal, 3));
        governor.castPoolVote(proposal, 3, FOR);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeCounting.NotColdkey.selector, 4, bob, alice));
        governor.castPoolVote(proposal, 4, FOR);
    }

    function test_castStakeVote_beforeAndAfterTheColdkey_overridesIt() public {
        vm.prank(bob);
        vm.assertEq(governor.castStakeVote(proposal, 3, AGAINST), 300e18);
        vm.prank(alice);
        vm.assertEq(governor.castPoolVote(proposal, 3, FOR), 600e18);
        _expectVotes(300e18, 600e18, 0);
        vm.prank(alice);
        governor.castPoolVote(proposal, 4, FOR);
        _expectVotes(300e18, 1000e18, 0);
        vm.prank(alice);
        vm.assertEq(governor.castStakeVote(proposal, 4, ABSTAIN), 400e18); // against her own pool's vote
        _expectVotes(300e18, 600e18, 400e18);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IStakeCounting.StakeAlreadyVoted.selector, proposal, 3, bob));
        governor.castStakeVote(proposal, 3, FOR);
    }

    function test_castStakeVote_stakedAfterTheStart_countsNothingMore() public {
        _stake(bob, 3, 5000e18);
        vm.prank(bob);
        vm.assertEq(governor.castStakeVote(proposal, 3, FOR), 300e18);
        vm.prank(bob);
        vm.assertEq(governor.castStakeVote(proposal, 4, FOR), 0);
    }

    function test_recordPools_keepWhatLaterEpochsOverwrite() public {
        governor.recordPools(proposal, _one(3));
        _toEpoch(VOTE_EPOCH + 1, 0);
        _stake(alice, 3, 50e18);
        _stake(alice, 4, 50e18);
        vm.prank(bob); // has not touched its stake since
        vm.assertEq(governor.castStakeVote(proposal, 3, FOR), 300e18);
        vm.prank(alice);
        vm.assertEq(governor.castPoolVote(proposal, 3, FOR), 600e18);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(EpochAmountLib.AmountNotKept.selector, VOTE_EPOCH, VOTE_EPOCH + 1));
        governor.castPoolVote(proposal, 4, FOR);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(EpochAmountLib.AmountNotKept.selector, VOTE_EPOCH, VOTE_EPOCH + 1));
        governor.castStakeVote(proposal, 3, FOR);
    }

    function test_recordPools_beforeTheVoteOpens_revertsEpochNotStarted() public {
        _toEpoch(VOTE_EPOCH, 10);
        uint256 next = _propose(700);
        vm.expectRevert(abi.encodeWithSelector(IStakeManager.EpochNotStarted.selector, VOTE_EPOCH + 1, VOTE_EPOCH));
        governor.recordPools(next, _one(3));
    }

    function test_castStakeVote_afterTheVote_revertsUnexpectedState() public {
        vm.warp(governor.proposalDeadline(proposal) + 1);
        vm.startPrank(bob);
        bytes32 active = bytes32(uint256(1) << uint8(IGovernor.ProposalState.Active));
        bytes memory reason = abi.encodeWithSelector(
            IGovernor.GovernorUnexpectedProposalState.selector,
            proposal,
            IGovernor.ProposalState.Defeated,
            active
        );
        vm.expectRevert(reason);
        governor.castStakeVote(proposal, 3, FOR);
        vm.expectRevert(reason);
        governor.castPoolVote(proposal, 3, FOR);
    }

    /// @notice I31: nobody's wei votes twice: all votes of a pool together are at most the pool.
    function testFuzz_stakeVotes_anyOrder_neverExceedThePool(
        uint8[3] memory kinds,
        uint256 order,
        uint256 more
    ) public {
        more = _bound(more, 1, 1000e18);
        _stake(bob, 3, more); // after the start
        for (uint256 k = 0; k < 3; k++) {
            uint8 support = kinds[k] % 3;
            uint256 who = (order >> (8 * k)) % 3;
            vm.prank(who == 0 ? bob : alice);
            if (who == 1) try governor.castPoolVote(proposal, 3, support) {} catch {}
            else try governor.castStakeVote(proposal, 3, support) {} catch {}
        }
        (uint256 a, uint256 b, uint256 c) = governor.proposalVotes(proposal);
        vm.assertLe(a + b + c, 900e18);
    }

    // the whole way

    function test_execute_wonByStake_changesTheParameterThroughTheTimelock() public {
        vm.prank(alice);
        governor.castPoolVote(proposal, 3, FOR);
        vm.warp(governor.proposalDeadline(proposal) + 1);
        vm.assertTrue(governor.state(proposal) == IGovernor.ProposalState.Succeeded);
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _actions(600);
        bytes32 description = keccak256("change");
        governor.queue(targets, values, calls, description);
        vm.warp(block.timestamp + 99);
        vm.assertTrue(governor.state(proposal) == IGovernor.ProposalState.Queued);
        (bool done, ) = address(governor).call(abi.encodeCall(governor.execute, (targets, values, calls, description)));
        vm.assertFalse(done);
        vm.warp(block.timestamp + 1);
        governor.execute(targets, values, calls, description);
        vm.assertEq(engine.parametersAt(FOREVER).reviveAfter, 600);
        vm.assertTrue(governor.state(proposal) == IGovernor.ProposalState.Executed);
    }

    function test_state_belowTheQuorumOrAgainst_isDefeated() public {
        vm.prank(alice);
        governor.castPoolVote(proposal, 3, AGAINST);
        vm.prank(alice);
        governor.castPoolVote(proposal, 4, FOR);
        vm.warp(governor.proposalDeadline(proposal) + 1);
        vm.assertTrue(governor.state(proposal) == IGovernor.ProposalState.Defeated);
    }

    function test_propose_belowTheThreshold_revertsInsufficientProposerVotes() public {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _actions(800);
        vm.prank(alice); // holds tokens, delegated to nobody
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, alice, 0, 1e18));
        governor.propose(targets, values, calls, "change");
    }

    function test_cancel_byItsProposerBeforeTheVote() public {
        uint256 next = _propose(900);
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _actions(900);
        vm.prank(bob);
        governor.cancel(targets, values, calls, keccak256("change"));
        vm.assertTrue(governor.state(next) == IGovernor.ProposalState.Canceled);
    }

    function _propose(uint256 reviveAfter) private returns (uint256) {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _actions(reviveAfter);
        vm.prank(bob);
        return governor.propose(targets, values, calls, "change");
    }

    function _actions(
        uint256 reviveAfter
    ) private view returns (address[] memory targets, uint256[] memory values, bytes[] memory calls) {
        (targets, values, calls) = (new address[](1), new uint256[](1), new bytes[](1));
        IEpochEngine.Parameters memory p = _engineParameters();
        p.reviveAfter = reviveAfter;
        targets[0] = address(engine);
        calls[0] = abi.encodeCall(IEpochEngine.setParameters, (p));
    }

    function _expectVotes(uint256 against, uint256 inFavour, uint256 abstain) private view {
        (uint256 a, uint256 b, uint256 c) = governor.proposalVotes(proposal);
        vm.assertEq(a, against, "against");
        vm.assertEq(b, inFavour, "for");
        vm.assertEq(c, abstain, "abstain");
    }
}
