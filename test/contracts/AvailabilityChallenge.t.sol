// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {AvailabilityChallenge} from "../../contracts/AvailabilityChallenge.sol";
import {IAvailabilityChallenge} from "../../contracts/interfaces/IAvailabilityChallenge.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {ISlashing} from "../../contracts/interfaces/ISlashing.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {MerkleSlices} from "../../contracts/libraries/MerkleSlices.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

/// @notice Neuron 1 on uid 0 revealed an update of 2,500 bytes in round 3: slices of 1,024, 1,024 and 452. It locked 10
/// WEFT; withheld data costs 5 %. Bonds are 2 WEFT, answers are due in 60 s.
contract AvailabilityChallengeTest is RunSystem {
    uint256 private constant BYTES = 2500;
    bytes private content;
    bytes32 private root;

    function setUp() public {
        _deployRun();
        content = new bytes(BYTES);
        for (uint256 i = 0; i < BYTES; i++) content[i] = bytes1(uint8(1 + ((i * 31) % 255)));
        root = _node(_node(_leaf(0), _leaf(1)), _leaf(2));
        _toRound(3, 0);
        bytes32 commitment = updates.updateCommitment(1, 3, DIGEST, BYTES, root, SALT);
        vm.prank(_hotkey(0));
        updates.commitUpdate(3, DIGEST, BYTES, commitment);
        _toRound(3, 50);
        vm.prank(_hotkey(0));
        updates.revealUpdate(3, DIGEST, BYTES, root, SALT);
    }

    function _runParameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = super._runParameters();
        p.collateral = 10e18;
    }

    // parameters

    function test_parameters_onAndBeyondTheirBounds() public {
        uint256 longest = 2 * EPOCH - 400;
        IAvailabilityChallenge.Parameters memory high = IAvailabilityChallenge.Parameters(CAP, longest);
        vm.expectEmit(address(challenges));
        emit IAvailabilityChallenge.ParametersSet(high);
        challenges.setParameters(high);
        vm.assertEq(keccak256(abi.encode(challenges.parameters())), keccak256(abi.encode(high)));
        challenges.setParameters(IAvailabilityChallenge.Parameters(1, 1));
        _rejects(0, 1, "bond", 0, CAP);
        _rejects(CAP + 1, 1, "bond", CAP + 1, CAP);
        _rejects(1, 0, "answerSeconds", 0, longest);
        _rejects(1, longest + 1, "answerSeconds", longest + 1, longest);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        challenges.setParameters(high);
    }

    function _rejects(uint256 bond, uint256 time, bytes32 name, uint256 value, uint256 most) private {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, name, value, 1, most));
        challenges.setParameters(IAvailabilityChallenge.Parameters(bond, time));
    }

    function test_answerTime_endsBeforeStakeOfTheRoundIsReleased() public {
        vm.warp(GENESIS + EPOCH + 100);
        _unstake(alice, 3, 1e24); // in the second round of its epoch
        challenges.setParameters(IAvailabilityChallenge.Parameters(1, 2 * EPOCH - 400));
        uint256 latestDeadline = GENESIS + EPOCH + 100 + 400 + 2 * EPOCH - 400;
        vm.assertGe(stakes.unbonding(3, alice)[0].releaseAt, latestDeadline);
    }

    // open

    function test_open_revealedUpdate_takesTheBondAndKeepsTheRecord() public {
        uint256 held = token.balanceOf(bob);
        uint256 deadline = block.timestamp + 60;
        vm.expectEmit(address(challenges));
        emit IAvailabilityChallenge.ChallengeOpened(1, 3, bob, 2, deadline, 2e18);
        _open(2);
        vm.assertEq(token.balanceOf(bob), held - 2e18);
        (address challenger, uint256 index, uint256 until, uint256 bond) = challenges.challengeOf(1, 3);
        vm.assertEq(challenger, bob);
        vm.assertEq(index, 2);
        vm.assertEq(until, deadline);
        vm.assertEq(bond, 2e18);
    }

    function test_open_whileOneIsOpen_revertsAlreadyOpen() public {
        _open(2);
        vm.expectRevert(
            abi.encodeWithSelector(IAvailabilityChallenge.AlreadyOpen.selector, 1, 3, block.timestamp + 60)
        );
        _open(1);
    }

    function test_open_anythingElseThanWasRevealed_revertsNotRevealed() public {
        bytes memory reason = abi.encodeWithSelector(IAvailabilityChallenge.NotRevealed.selector, _hotkey(0), 3);
        address hotkey = _hotkey(0);
        vm.startPrank(bob);
        vm.expectRevert(reason);
        challenges.open(2, hotkey, 3, DIGEST, BYTES, root, SALT, 0);
        vm.expectRevert(reason);
        challenges.open(1, hotkey, 3, DATA_ROOT, BYTES, root, SALT, 0);
        vm.expectRevert(reason);
        challenges.open(1, hotkey, 3, DIGEST, BYTES + 1, root, SALT, 0);
        vm.expectRevert(reason);
        challenges.open(1, hotkey, 3, DIGEST, BYTES, DATA_ROOT, SALT, 0);
        vm.expectRevert(reason);
        challenges.open(1, hotkey, 3, DIGEST, BYTES, root, DIGEST, 0);
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.NotRevealed.selector, hotkey, 4));
        challenges.open(1, hotkey, 4, DIGEST, BYTES, root, SALT, 0);
    }

    function test_open_committedAndNotRevealed_revertsNotRevealed() public {
        _toRound(4, 0);
        _commitUpdate(1, 4);
        address hotkey = _hotkey(1);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.NotRevealed.selector, hotkey, 4));
        challenges.open(2, hotkey, 4, DIGEST, SIZE, DATA_ROOT, SALT, 0);
    }

    function test_open_sliceBeyondTheLast_revertsSliceOutOfBounds() public {
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.SliceOutOfBounds.selector, 3, 3));
        _open(3);
    }

    function test_open_withoutTheBond_revertsInsufficientAllowance() public {
        vm.prank(bob);
        token.approve(address(challenges), 2e18 - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(challenges),
                2e18 - 1,
                2e18
            )
        );
        _open(0);
    }

    // answer

    function test_answer_everySlice_earnsTheBond() public {
        for (uint256 index = 0; index < 3; index++) {
            _open(index);
            uint256 held = token.balanceOf(alice);
            vm.expectEmit(address(challenges));
            emit IAvailabilityChallenge.ChallengeAnswered(1, 3, alice, 2e18);
            challenges.answer(1, 3, _slice(index), _proof(index));
            vm.assertEq(token.balanceOf(alice), held + 2e18);
            vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.NotOpen.selector, 1, 3));
            challenges.answer(1, 3, _slice(index), _proof(index));
        }
    }

    function test_answer_bothSidesOfTheDeadline() public {
        _open(0);
        uint256 deadline = block.timestamp + 60;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.TooLate.selector, deadline, deadline));
        challenges.answer(1, 3, _slice(0), _proof(0));
        vm.warp(deadline - 1);
        challenges.answer(1, 3, _slice(0), _proof(0));
    }

    function test_answer_wrongSliceOrProof_revertsByName() public {
        _open(1);
        bytes memory slice = _slice(1);
        slice[7] = 0;
        bytes32 given = _node(_node(_leaf(0), _leafOf(slice, 1)), _leaf(2));
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.WrongSlice.selector, root, given));
        challenges.answer(1, 3, slice, _proof(1));
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.WrongSliceLength.selector, 1, 452, 1024));
        challenges.answer(1, 3, _slice(2), _proof(1));
        bytes32[] memory short = new bytes32[](1);
        short[0] = _leaf(0);
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.WrongProofLength.selector, 1, 2));
        challenges.answer(1, 3, _slice(1), short);
        bytes32[] memory long = new bytes32[](3);
        (long[0], long[1]) = (_leaf(0), _leaf(2));
        vm.expectRevert(abi.encodeWithSelector(MerkleSlices.WrongProofLength.selector, 3, 2));
        challenges.answer(1, 3, _slice(1), long);
    }

    function test_answer_afterTheLedgerTookTheWordOver_isJudgedByTheRecord() public {
        challenges.setParameters(IAvailabilityChallenge.Parameters(1, 200));
        _toRound(6, 99);
        _open(0);
        _toRound(7, 0);
        _commitUpdate(0, 7);
        challenges.answer(1, 3, _slice(0), _proof(0));
        _toRound(7, 1);
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.NotRevealed.selector, _hotkey(0), 3));
        _open(0);
    }

    // expire

    function test_expire_unanswered_slashesAndReturnsTheBondOnce() public {
        _open(1);
        uint256 deadline = block.timestamp + 60;
        vm.warp(deadline - 1);
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.TooEarly.selector, deadline, deadline - 1));
        challenges.expire(1, 3);
        vm.warp(deadline);
        uint256 held = token.balanceOf(bob);
        vm.expectEmit(address(challenges));
        emit IAvailabilityChallenge.ChallengeExpired(1, 3, bob, 2e18);
        vm.expectEmit(address(slashing));
        emit ISlashing.Slashed(1, ISlashing.Fault.DataWithheld, 3, 0.5e18, 0, 0, bob, 0.05e18);
        challenges.expire(1, 3);
        vm.assertEq(token.balanceOf(bob), held + 2e18 + 0.05e18);
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.NotOpen.selector, 1, 3));
        challenges.expire(1, 3);
        vm.expectRevert(abi.encodeWithSelector(IAvailabilityChallenge.AlreadySlashed.selector, 1, 3));
        _open(1);
        (address challenger, , uint256 until, ) = challenges.challengeOf(1, 3);
        vm.assertEq(challenger, address(0));
        vm.assertEq(until, 0);
    }

    function test_challenger_whoseChallengesAreAnswered_losesEveryBond() public {
        uint256 held = token.balanceOf(bob);
        for (uint256 k = 0; k < 5; k++) {
            _open(k % 3);
            challenges.answer(1, 3, _slice(k % 3), _proof(k % 3));
        }
        vm.assertEq(token.balanceOf(bob), held - 5 * 2e18);
        (uint256 locked, ) = vault.collateralOf(1);
        vm.assertEq(locked, 10e18);
    }

    function _open(uint256 index) private {
        address hotkey = _hotkey(0);
        vm.prank(bob);
        challenges.open(1, hotkey, 3, DIGEST, BYTES, root, SALT, index);
    }

    function _slice(uint256 index) private view returns (bytes memory slice) {
        uint256 start = index * 1024;
        uint256 length = index == 2 ? BYTES - start : 1024;
        slice = new bytes(length);
        for (uint256 i = 0; i < length; i++) slice[i] = content[start + i];
    }

    function _proof(uint256 index) private view returns (bytes32[] memory proof) {
        proof = new bytes32[](index == 2 ? 1 : 2);
        if (index == 2) proof[0] = _node(_leaf(0), _leaf(1));
        else (proof[0], proof[1]) = (_leaf(1 - index), _leaf(2));
    }

    function _leaf(uint256 index) private view returns (bytes32) {
        return _leafOf(_slice(index), index);
    }

    function _leafOf(bytes memory slice, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0), uint32(index), uint32(3), uint16(slice.length), keccak256(slice)));
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    function test_constructor_readsTheTokenOfTheMetagraph() public {
        AvailabilityChallenge fresh = new AvailabilityChallenge(
            metagraph,
            stakes,
            updates,
            slashing,
            _challengeParameters(),
            address(manager)
        );
        vm.assertEq(address(fresh.token()), address(token));
    }
}
