// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Linked} from "../../contracts/Linked.sol";
import {Metagraph} from "../../contracts/Metagraph.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {UidSlots} from "../../contracts/libraries/UidSlots.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice A hotkey that is a contract and consents to everything, or to nothing.
contract ContractHotkey is IERC1271 {
    bool public consents = true;

    function refuse() external {
        consents = false;
    }

    function isValidSignature(bytes32, bytes memory) external view returns (bytes4) {
        return consents ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @notice Deployment, registration, replacement, settlement records. Permits: MetagraphPermits.t.sol.
contract MetagraphTest is MoneySystem {
    function setUp() public {
        _deploy();
    }

    // constructor and link

    function test_constructor_eachParameterOneOut_revertsParameterOutOfBounds() public {
        IMetagraph.Parameters memory p = _metagraphParameters();
        (p.maxUids, p.maxValidators, p.minNonImmune) = (0, 0, 0);
        _rejects(p, "maxUids", 0, 1, 256);
        p.maxUids = 257;
        _rejects(p, "maxUids", 257, 1, 256);
        p = _metagraphParameters();
        p.maxValidators = 0;
        _rejects(p, "maxValidators", 0, 1, 4);
        p.maxValidators = 5;
        _rejects(p, "maxValidators", 5, 1, 4);
        p = _metagraphParameters();
        p.minValidatorStake = 0;
        _rejects(p, "minValidatorStake", 0, 1, CAP);
        p.minValidatorStake = CAP + 1;
        _rejects(p, "minValidatorStake", CAP + 1, 1, CAP);
        p = _metagraphParameters();
        p.immunityEpochs = 2;
        _rejects(p, "immunityEpochs", 2, 3, type(uint16).max);
        p.immunityEpochs = 65_536;
        _rejects(p, "immunityEpochs", 65_536, 3, type(uint16).max);
        p = _metagraphParameters();
        p.minNonImmune = 4;
        _rejects(p, "minNonImmune", 4, 0, 3);
    }

    function test_constructor_eachBurnParameterOneOut_revertsParameterOutOfBounds() public {
        IMetagraph.Parameters memory p = _metagraphParameters();
        p.maxBurn = 0;
        _rejects(p, "maxBurn", 0, 1, CAP);
        p.maxBurn = CAP + 1;
        _rejects(p, "maxBurn", CAP + 1, 1, CAP);
        p = _metagraphParameters();
        p.minBurn = 0;
        _rejects(p, "minBurn", 0, 1, 1000e18);
        p.minBurn = 1000e18 + 1;
        _rejects(p, "minBurn", 1000e18 + 1, 1, 1000e18);
        p = _metagraphParameters();
        p.initialBurn = 1e18 - 1;
        _rejects(p, "initialBurn", 1e18 - 1, 1e18, 1000e18);
        p.initialBurn = 1000e18 + 1;
        _rejects(p, "initialBurn", 1000e18 + 1, 1e18, 1000e18);
        p = _metagraphParameters();
        p.burnHalfLife = 0;
        _rejects(p, "burnHalfLife", 0, 1, type(uint32).max);
        p.burnHalfLife = 1 << 32;
        _rejects(p, "burnHalfLife", 1 << 32, 1, type(uint32).max);
        p = _metagraphParameters();
        p.maxRegistrationsPerEpoch = 0;
        _rejects(p, "maxRegistrationsPerEpoch", 0, 1, 256);
        p.maxRegistrationsPerEpoch = 257;
        _rejects(p, "maxRegistrationsPerEpoch", 257, 1, 256);
    }

    function test_constructor_parametersOnTheirBounds_areTaken() public {
        IMetagraph.Parameters memory low = IMetagraph.Parameters(1, 1, 1, 3, 0, 1, 1, 1, 1, 1, 0);
        _takes(low);
        IMetagraph.Parameters memory high = IMetagraph.Parameters(
            256,
            256,
            CAP,
            65_535,
            255,
            CAP,
            CAP,
            CAP,
            type(uint32).max,
            256,
            CAP
        );
        _takes(high);
    }

    function _takes(IMetagraph.Parameters memory p) private {
        Metagraph fresh = new Metagraph(token, clock, p, address(manager));
        vm.assertEq(keccak256(abi.encode(fresh.parameters())), keccak256(abi.encode(p)));
    }

    function test_link_againOrByAnother_reverts() public {
        vm.expectRevert(Linked.AlreadyLinked.selector);
        _linkTo(metagraph, [address(stakes), address(this), address(vault), address(updates), address(weights)]);
        Metagraph fresh = new Metagraph(token, clock, _metagraphParameters(), address(manager));
        address[5] memory all = [address(stakes), address(this), address(vault), address(updates), address(weights)];
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        _linkTo(fresh, all);
        for (uint256 k = 0; k < all.length; k++) {
            address[5] memory one = [all[0], all[1], all[2], all[3], all[4]];
            one[k] = bob;
            vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, bob));
            _linkTo(fresh, one);
        }
        vm.expectEmit(address(fresh));
        emit IMetagraph.MetagraphLinked(all[0], all[1], all[2], all[3], all[4]);
        _linkTo(fresh, all);
    }

    function _linkTo(Metagraph one, address[5] memory to) private {
        one.link(to[0], to[1], to[2], to[3], to[4]);
    }

    // register

    function test_register_first_takesUidZeroBurnsAndEmits() public {
        uint256 price = metagraph.burnPrice();
        uint256 before = token.balanceOf(alice);
        bytes memory consent = _consent(7, alice, block.timestamp);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.Registered(1, 0, _hotkey(7), alice, 0, 0, price);
        vm.prank(alice);
        (uint256 id, uint256 uid) = metagraph.register(_hotkey(7), price, block.timestamp, consent);
        vm.assertEq(id, 1);
        vm.assertEq(uid, 0);
        vm.assertEq(token.balanceOf(alice), before - price);
        vm.assertEq(token.totalSupply(), 200_000e18 - price);
        vm.assertEq(metagraph.uidCount(), 1);
        vm.assertEq(metagraph.neuronCount(), 1);
        vm.assertEq(metagraph.neuronAt(0), 1);
        vm.assertEq(metagraph.coldkeyOf(1), alice);
        vm.assertTrue(metagraph.isActive(1));
        (address coldkey, address hotkey, uint256 itsUid, uint256 epoch, bool active) = metagraph.neuron(1);
        vm.assertEq(coldkey, alice);
        vm.assertEq(hotkey, _hotkey(7));
        vm.assertEq(itsUid + epoch, 0);
        vm.assertTrue(active);
    }

    function test_register_afterDeadline_revertsDeadlinePassed() public {
        uint256 late = block.timestamp - 1;
        bytes memory consent = _consent(0, alice, late);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.DeadlinePassed.selector, late, block.timestamp));
        metagraph.register(_hotkey(0), FOREVER, late, consent);
    }

    function test_register_hotkeyInUse_revertsHotkeyTaken() public {
        _register(alice, 0);
        bytes memory consent = _consent(0, bob, FOREVER);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.HotkeyTaken.selector, _hotkey(0), 1));
        metagraph.register(_hotkey(0), FOREVER, FOREVER, consent);
    }

    function test_register_consentForAnotherColdkeyHotkeyOrDeadline_revertsInvalidConsent() public {
        bytes memory consent = _consent(0, alice, FOREVER);
        vm.startPrank(bob);
        _expectInvalidConsent(bob, _hotkey(0), FOREVER);
        metagraph.register(_hotkey(0), FOREVER, FOREVER, consent);
        vm.stopPrank();
        vm.startPrank(alice);
        _expectInvalidConsent(alice, _hotkey(1), FOREVER);
        metagraph.register(_hotkey(1), FOREVER, FOREVER, consent);
        _expectInvalidConsent(alice, _hotkey(0), FOREVER - 1);
        metagraph.register(_hotkey(0), FOREVER, FOREVER - 1, consent);
        _expectInvalidConsent(alice, address(0), FOREVER);
        metagraph.register(address(0), FOREVER, FOREVER, consent);
    }

    function test_register_hotkeyThatIsAContract_isAskedByErc1271() public {
        ContractHotkey hotkey = new ContractHotkey();
        vm.startPrank(alice);
        (uint256 id, ) = metagraph.register(address(hotkey), FOREVER, FOREVER, "");
        vm.assertEq(id, 1);
        ContractHotkey refuses = new ContractHotkey();
        refuses.refuse();
        _expectInvalidConsent(alice, address(refuses), FOREVER);
        metagraph.register(address(refuses), FOREVER, FOREVER, "");
    }

    function test_register_priceOneWeiAboveMaximum_revertsBurnAboveMaximum() public {
        uint256 price = metagraph.burnPrice();
        bytes memory consent = _consent(0, alice, FOREVER);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.BurnAboveMaximum.selector, price, price - 1));
        metagraph.register(_hotkey(0), price - 1, FOREVER, consent);
        metagraph.register(_hotkey(0), price, FOREVER, consent);
    }

    function test_register_withoutAllowance_revertsInsufficientAllowance() public {
        uint256 price = metagraph.burnPrice();
        bytes memory consent = _consent(0, alice, FOREVER);
        vm.startPrank(alice);
        token.approve(address(metagraph), price - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                address(metagraph),
                price - 1,
                price
            )
        );
        metagraph.register(_hotkey(0), FOREVER, FOREVER, consent);
    }

    function test_register_oneMoreThanAnEpochAdmits_revertsRegistrationsExhausted() public {
        IMetagraph.Parameters memory p = _metagraphParameters();
        p.maxRegistrationsPerEpoch = 2;
        _deploy(p, _emissionParameters());
        _register(alice, 0);
        vm.assertEq(metagraph.registrationsLeft(), 1);
        _toEpoch(0, EPOCH - 1); // before genesis is epoch 0 too
        _register(alice, 1);
        vm.assertEq(metagraph.registrationsLeft(), 0);
        bytes memory consent = _consent(2, alice, FOREVER);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.RegistrationsExhausted.selector, 0, 2));
        metagraph.register(_hotkey(2), FOREVER, FOREVER, consent);
        _toEpoch(1, 0);
        vm.assertEq(metagraph.registrationsLeft(), 2);
        (uint256 id, ) = _register(alice, 2);
        vm.assertEq(id, 3);
    }

    function test_register_epochBeyondItsLane_revertsEpochTooLate() public {
        _toEpoch((1 << 28) - 1, 0);
        _register(alice, 0);
        _toEpoch(1 << 28, 0);
        bytes memory consent = _consent(1, alice, FOREVER);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(UidSlots.EpochTooLate.selector, 1 << 28, (1 << 28) - 1));
        metagraph.register(_hotkey(1), FOREVER, FOREVER, consent);
    }

    // price

    function test_burnPrice_afterARegistration_climbsThenHalvesThenRestsAtTheFloor() public {
        vm.assertEq(metagraph.burnPrice(), 10e18);
        _register(alice, 0);
        vm.assertEq(metagraph.burnPrice(), 12.6e18);
        vm.warp(block.timestamp + 600);
        vm.assertEq(metagraph.burnPrice(), 6.3e18);
        vm.warp(block.timestamp + 100_000);
        vm.assertEq(metagraph.burnPrice(), 1e18);
    }

    function test_burnPrice_atTheCeiling_climbsNoFurther() public {
        IMetagraph.Parameters memory p = _metagraphParameters();
        p.maxBurn = 11e18;
        _deploy(p, _emissionParameters());
        _register(alice, 0);
        vm.assertEq(metagraph.burnPrice(), 11e18);
    }

    // replacement

    function _fill() private {
        for (uint256 i = 0; i < 4; i++) {
            _register(alice, i);
        }
    }

    function test_register_allUidsHeldAndImmune_revertsNoReplaceableUid() public {
        _fill();
        _toEpoch(2, EPOCH - 1);
        bytes memory consent = _consent(4, alice, FOREVER);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NoReplaceableUid.selector, 0, 1));
        metagraph.register(_hotkey(4), FOREVER, FOREVER, consent);
    }

    function test_register_immunityOver_replacesTheLowestIncentive() public {
        _fill();
        _toEpoch(1, 0);
        metagraph.recordSettlement(0, hex"0005000200040003");
        _toEpoch(3, 0);
        uint256 price = metagraph.burnPrice();
        bytes memory consent = _consent(4, bob, FOREVER);
        vm.expectEmit(address(metagraph));
        emit IMetagraph.Registered(5, 1, _hotkey(4), bob, 2, 3, price);
        vm.prank(bob);
        metagraph.register(_hotkey(4), FOREVER, FOREVER, consent);
        vm.assertEq(metagraph.uidCount(), 4);
        vm.assertEq(metagraph.neuronAt(1), 5);
        vm.assertFalse(metagraph.isActive(2));
        vm.assertEq(metagraph.coldkeyOf(2), alice);
        vm.assertEq(metagraph.incentiveOf(1), 0);
        vm.assertEq(metagraph.incentiveOf(3), 3);
        (uint256 id, ) = metagraph.neuronOf(_hotkey(1));
        vm.assertEq(id, 0);
        (, , , , bool active) = metagraph.neuron(2);
        vm.assertFalse(active);
    }

    function test_register_equalIncentives_replacesTheEarlierRegistered() public {
        _fill();
        _toEpoch(3, 0);
        _register(bob, 4); // in place of neuron 1 on uid 0
        vm.assertEq(metagraph.neuronAt(0), 5);
        _toEpoch(6, 0);
        _register(bob, 5); // neuron 2 on uid 1 is now the oldest, though uid 0 is lower
        vm.assertEq(metagraph.neuronAt(0), 5);
        vm.assertEq(metagraph.neuronAt(1), 6);
    }

    function test_register_hotkeyOfAReplacedNeuron_isANewNeuron() public {
        _fill();
        _toEpoch(3, 0);
        _register(bob, 4);
        (uint256 id, ) = _register(alice, 0);
        vm.assertEq(id, 6);
        vm.assertEq(metagraph.neuronCount(), 6);
    }

    function test_register_leavesMinNonImmune_elseRevertsNoReplaceableUid() public {
        _fill();
        _toEpoch(3, 0);
        for (uint256 i = 4; i < 7; i++) {
            _register(bob, i);
        }
        bytes memory consent = _consent(7, bob, FOREVER);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NoReplaceableUid.selector, 1, 1));
        metagraph.register(_hotkey(7), FOREVER, FOREVER, consent);
    }

    // settlement

    function test_recordSettlement_packedIncentives_readBackPerUid() public {
        _fill();
        _toEpoch(1, 0);
        metagraph.recordSettlement(0, hex"ffff000012340001");
        vm.assertEq(metagraph.incentiveOf(0), 0xffff);
        vm.assertEq(metagraph.incentiveOf(1), 0);
        vm.assertEq(metagraph.incentiveOf(2), 0x1234);
        vm.assertEq(metagraph.incentiveOf(3), 1);
        vm.assertEq(metagraph.incentiveOf(4), 0);
    }

    function test_recordSettlement_moreUidsThanTwoWordsHold_readBackPerUid() public {
        IMetagraph.Parameters memory p = _metagraphParameters();
        (p.maxUids, p.maxRegistrationsPerEpoch, p.maxBurn) = (32, 256, 10e18);
        _deploy(p, _emissionParameters());
        bytes memory row;
        for (uint256 i = 0; i < 32; i++) {
            _register(alice, i);
            row = abi.encodePacked(row, uint16(1000 + i));
        }
        _toEpoch(1, 0);
        metagraph.recordSettlement(0, row);
        for (uint256 i = 0; i < 32; i++) {
            vm.assertEq(metagraph.incentiveOf(i), 1000 + i, "incentive of a uid");
        }
    }

    function test_recordSettlement_byAnother_revertsNotEpochEngine() public {
        _toEpoch(1, 0);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotEpochEngine.selector, alice, address(this)));
        metagraph.recordSettlement(0, "");
    }

    function test_recordSettlement_outsideTheNextEpoch_revertsWrongSettlementEpoch() public {
        _toEpoch(0, EPOCH - 1);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.WrongSettlementEpoch.selector, 0, 0));
        metagraph.recordSettlement(0, "");
        _toEpoch(1, 0);
        metagraph.recordSettlement(0, "");
        _toEpoch(2, 0);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.WrongSettlementEpoch.selector, 0, 2));
        metagraph.recordSettlement(0, "");
    }

    function test_recordSettlement_aByteTooFewOrMany_revertsIncentivesLength() public {
        _fill();
        _toEpoch(1, 0);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.IncentivesLength.selector, 7, 8));
        metagraph.recordSettlement(0, new bytes(7));
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.IncentivesLength.selector, 9, 8));
        metagraph.recordSettlement(0, new bytes(9));
        metagraph.recordSettlement(0, new bytes(8));
    }

    function test_settlementView_masks_followEpochAndSettlement() public {
        _register(alice, 0);
        _register(alice, 1);
        _assertView(2, 3, 3);
        _toEpoch(1, 0);
        _assertView(2, 0, 3);
        _register(alice, 2);
        _assertView(3, 4, 7);
        metagraph.recordSettlement(0, new bytes(6));
        _assertView(3, 4, 4);
        _toEpoch(2, 0);
        _register(alice, 3);
        _assertView(4, 8, 12);
        metagraph.recordSettlement(1, new bytes(8));
        _assertView(4, 8, 8);
    }

    function _assertView(uint256 count, uint256 thisEpoch, uint256 sinceSettlement) private view {
        (uint256 c, uint256 e, uint256 s, uint256[] memory ids) = metagraph.settlementView();
        vm.assertEq(c, count);
        vm.assertEq(e, thisEpoch);
        vm.assertEq(s, sinceSettlement);
        vm.assertEq(ids.length, count);
        for (uint256 i = 0; i < count; i++) {
            vm.assertEq(ids[i], metagraph.neuronAt(i), "neuron of a uid");
        }
    }

    // views

    function test_views_unknownNeuron_revertUnknownNeuron() public {
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.UnknownNeuron.selector, 1));
        metagraph.coldkeyOf(1);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.UnknownNeuron.selector, 1));
        metagraph.neuron(1);
        vm.assertFalse(metagraph.isActive(0));
        vm.assertFalse(metagraph.isActive(1));
        vm.assertEq(metagraph.neuronAt(300), 0);
        vm.assertEq(metagraph.incentiveOf(300), 0);
    }

    function test_neuronOf_unknownHotkey_isZeroAndItsTwinReverts() public {
        (uint256 id, uint256 uid) = metagraph.neuronOf(bob);
        vm.assertEq(id + uid, 0);
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotRegistered.selector, bob));
        metagraph.neuronOfHotkey(bob);
        _register(alice, 0);
        _register(alice, 1);
        (id, uid) = metagraph.neuronOfHotkey(_hotkey(1));
        vm.assertEq(id, 2);
        vm.assertEq(uid, 1);
    }

    function _expectInvalidConsent(address coldkey, address hotkey, uint256 deadline) private {
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.InvalidConsent.selector, coldkey, hotkey, deadline));
    }

    function _rejects(IMetagraph.Parameters memory p, bytes32 name, uint256 value, uint256 low, uint256 high) private {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, name, value, low, high));
        new Metagraph(token, clock, p, address(manager));
    }
}
