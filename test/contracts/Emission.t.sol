// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Linked} from "../../contracts/Linked.sol";
import {Emission} from "../../contracts/Emission.sol";
import {IEmission} from "../../contracts/interfaces/IEmission.sol";
import {Bounds} from "../../contracts/libraries/Bounds.sol";
import {MoneySystem} from "../support/solidity/MoneySystem.sol";

/// @notice Neuron 1 mines; neuron 2 validates with bob's stake from epoch 0 on. A full epoch's pot is 300 WEFT.
contract EmissionTest is MoneySystem {
    uint256 private constant ONE = 1 << 32;
    uint256 private constant POT = 300e18;
    uint256 private constant MINERS = 123e18;
    uint256 private constant TREASURY = 54e18;
    uint256 private constant TAKE = 22.14e18;
    uint256 private constant BOUNTY = 1e18;
    address private carol = address(0xCA401);

    function setUp() public {
        _deploy();
        _setUpNeurons();
    }

    function _setUpNeurons() private {
        _register(alice, 0);
        _register(bob, 1);
        _stake(bob, 2, 100e18);
        vm.prank(bob);
        metagraph.claimPermit(1);
    }

    // constructor and link

    function test_constructor_rateOneOut_revertsParameterOutOfBounds() public {
        IEmission.Parameters memory p = _emissionParameters();
        uint256 most = CAP / (4 * EPOCH);
        p.baseRate = 0;
        _expectOutOfBounds("baseRate", 0, 1, most);
        new Emission(metagraph, stakes, p, address(manager));
        p.baseRate = most + 1;
        _expectOutOfBounds("baseRate", most + 1, 1, most);
        new Emission(metagraph, stakes, p, address(manager));
        p.baseRate = most;
        vm.assertEq(new Emission(metagraph, stakes, p, address(manager)).parameters().baseRate, most);
    }

    function test_constructor_bountyAboveTheCap_revertsParameterOutOfBounds() public {
        IEmission.Parameters memory p = _emissionParameters();
        p.maxBounty = CAP + 1;
        _expectOutOfBounds("maxBounty", CAP + 1, 0, CAP);
        new Emission(metagraph, stakes, p, address(manager));
        p.maxBounty = CAP;
        vm.assertEq(new Emission(metagraph, stakes, p, address(manager)).parameters().maxBounty, CAP);
    }

    function test_constructor_splitThatIsNoWhole_revertsInvalidSplit() public {
        _rejectsSplit(4100, 4100, 1799);
        _rejectsSplit(4100, 4100, 1801);
        _rejectsSplit(0, 8200, 1800);
        _rejectsSplit(8200, 0, 1800);
        _rejectsSplit(type(uint256).max, 1, 10_000);
        IEmission.Parameters memory p = _emissionParameters();
        (p.minerBps, p.validatorBps, p.treasuryBps) = (1, 9999, 0);
        vm.assertEq(new Emission(metagraph, stakes, p, address(manager)).parameters().validatorBps, 9999);
    }

    function test_constructor_noTreasury_revertsInvalidTreasury() public {
        IEmission.Parameters memory p = _emissionParameters();
        p.treasury = address(0);
        vm.expectRevert(abi.encodeWithSelector(IEmission.InvalidTreasury.selector, address(0)));
        new Emission(metagraph, stakes, p, address(manager));
    }

    function test_link_againByAnotherOrToNoContract_reverts() public {
        vm.expectRevert(Linked.AlreadyLinked.selector);
        emission.link(address(this));
        Emission fresh = new Emission(metagraph, stakes, _emissionParameters(), address(manager));
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(Linked.NotDeployer.selector, alice, address(this)));
        fresh.link(address(this));
        vm.expectRevert(abi.encodeWithSelector(Linked.NotAContract.selector, alice));
        fresh.link(alice);
        vm.expectEmit(address(fresh));
        emit IEmission.EmissionLinked(address(this));
        fresh.link(address(this));
    }

    // settle

    function test_settle_firstEpoch_creditsEveryPartAndEmits() public {
        uint256 issued = token.issued();
        _toEpoch(1, 200);
        vm.expectEmit(address(emission));
        emit IEmission.Credited(
            0,
            abi.encodePacked(uint64(1), uint128(MINERS)),
            abi.encodePacked(uint64(2), uint128(MINERS), uint128(TAKE))
        );
        vm.expectEmit(address(emission));
        emit IEmission.Minted(0, POT, TREASURY - BOUNTY, BOUNTY, carol);
        _settle(0, 1, 2, carol);
        _assertEarned(1, MINERS, 0);
        _assertEarned(2, TAKE, 0);
        _assertAccount(treasury, TREASURY - BOUNTY, 0);
        _assertAccount(carol, BOUNTY, 0);
        vm.assertEq(token.issued(), issued + POT);
        vm.assertEq(token.balanceOf(address(emission)), POT - (MINERS - TAKE));
        vm.assertEq(token.balanceOf(address(stakes)), 100e18 + MINERS - TAKE);
        vm.assertEq(emission.lastBoundary(), GENESIS + EPOCH);
    }

    function test_settle_callerIsAHotkey_itsNeuronGetsTheBounty() public {
        _toEpoch(1, 200);
        _settle(0, 1, 2, _hotkey(1));
        _assertEarned(2, TAKE + BOUNTY, 0);
    }

    function test_settle_byAnother_revertsNotEpochEngine() public {
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(IEmission.NotEpochEngine.selector, alice, address(this)));
        _settle(0, 1, 2, carol);
    }

    function test_settle_listsOfDifferentLength_revertsLengthMismatch() public {
        _toEpoch(1, 200);
        vm.expectRevert(abi.encodeWithSelector(IEmission.LengthMismatch.selector, 1, 2));
        emission.settle(0, _one(1), _two(1, 2), _one(2), _one(ONE), carol);
        vm.expectRevert(abi.encodeWithSelector(IEmission.LengthMismatch.selector, 2, 1));
        emission.settle(0, _one(1), _one(ONE), _two(1, 2), _one(ONE), carol);
    }

    function test_settle_sharesAboveOne_revertsSharesExceedOne() public {
        _toEpoch(1, 200);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SharesExceedOne.selector, ONE + 1));
        emission.settle(0, _two(1, 2), _two(ONE, 1), _one(2), _one(ONE), carol);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SharesExceedOne.selector, ONE + 1));
        emission.settle(0, _one(1), _one(ONE), _two(1, 2), _two(1, ONE), carol);
        vm.expectRevert(abi.encodeWithSelector(IEmission.SharesExceedOne.selector, type(uint256).max));
        emission.settle(0, _two(1, 2), _two(type(uint256).max, 2), _one(2), _one(ONE), carol);
        emission.settle(0, _two(1, 2), _two(ONE - 1, 1), _one(2), _one(ONE), carol);
    }

    function test_settle_anEpochAgain_revertsBoundaryNotLater() public {
        _toEpoch(2, 200);
        _settle(1, 1, 2, carol);
        uint256 last = GENESIS + 2 * EPOCH;
        vm.expectRevert(abi.encodeWithSelector(IEmission.BoundaryNotLater.selector, last, last));
        _settle(1, 1, 2, carol);
        vm.expectRevert(abi.encodeWithSelector(IEmission.BoundaryNotLater.selector, last - EPOCH, last));
        _settle(0, 1, 2, carol);
        _toEpoch(3, 200);
        _settle(2, 1, 2, carol);
    }

    function test_settle_afterSkippedEpochs_countsAtMostTwo() public {
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        _toEpoch(3, 200);
        _settle(2, 1, 2, carol); // one skipped
        _assertEarned(1, 3 * MINERS, 0);
        _toEpoch(8, 200);
        _settle(7, 1, 2, carol); // four skipped
        _assertEarned(1, 5 * MINERS, 0);
    }

    function test_settle_firstAfterManyEpochs_countsAtMostTwo() public {
        _toEpoch(9, 200);
        _settle(8, 1, 2, carol);
        _assertEarned(1, 2 * MINERS, 0);
    }

    function test_settle_beforeAnyPermit_countsNothingThenOrLater() public {
        _deploy();
        _register(alice, 0);
        _register(bob, 1);
        _stake(bob, 2, 100e18);
        _toEpoch(3, 0);
        _settle(2, 1, 2, carol); // no permit yet: nothing
        _assertEarned(1, 0, 0);
        vm.prank(bob);
        metagraph.claimPermit(1); // from epoch 4 on
        _toEpoch(5, 200);
        vm.assertEq(emission.lastBoundary(), GENESIS + 3 * EPOCH);
        _settle(4, 1, 2, carol);
        _assertEarned(1, MINERS, 0);
    }

    function test_settle_permitFromTheEpochAfter_countsNothing() public {
        _deploy();
        _register(alice, 0);
        _register(bob, 1);
        _stake(bob, 2, 100e18);
        _toEpoch(0, 0);
        vm.prank(bob);
        metagraph.claimPermit(1); // from epoch 1 on
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        _assertEarned(1, 0, 0);
        _toEpoch(2, 200);
        _settle(1, 1, 2, carol);
        _assertEarned(1, MINERS, 0);
    }

    function test_settle_nobodyIsGivenAnything_mintsNothing() public {
        uint256 issued = token.issued();
        _toEpoch(1, 200);
        emission.settle(0, _one(1), _one(0), _one(2), _one(0), carol);
        emission.settle(1, new uint256[](0), new uint256[](0), new uint256[](0), new uint256[](0), carol);
        vm.assertEq(token.issued(), issued);
    }

    function test_settle_halfOfThePotsGiven_treasuryGetsHalf() public {
        _toEpoch(1, 200);
        emission.settle(0, _one(1), _one(ONE / 2), _one(2), _one(ONE / 2), carol);
        _assertAccount(treasury, TREASURY / 2 - BOUNTY, 0);
    }

    function test_settle_poolThatEveryoneLeft_givesTheDividendToTheOwner() public {
        _toEpoch(1, 0);
        _unstake(bob, 2, stakes.shares(2, bob));
        _toEpoch(1, 200);
        vm.expectEmit(address(emission));
        emit IEmission.Credited(
            0,
            abi.encodePacked(uint64(1), uint128(MINERS)),
            abi.encodePacked(uint64(2), uint128(MINERS), uint128(MINERS))
        );
        _settle(0, 1, 2, carol);
        _assertEarned(2, MINERS, 0);
        vm.assertEq(stakes.poolAssets(2), 0);
    }

    function test_settle_treasuryPartBelowTheBounty_goesToTheCaller() public {
        IEmission.Parameters memory p = _emissionParameters();
        p.maxBounty = CAP;
        _deploy(_metagraphParameters(), p);
        _setUpNeurons();
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        _assertAccount(carol, TREASURY, 0);
        _assertAccount(treasury, 0, 0);
    }

    function test_settle_noTreasuryPart_creditsNoneOfIt() public {
        IEmission.Parameters memory p = _emissionParameters();
        (p.minerBps, p.validatorBps, p.treasuryBps) = (5000, 5000, 0);
        _deploy(_metagraphParameters(), p);
        _setUpNeurons();
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        _assertAccount(carol, 0, 0);
        _assertAccount(treasury, 0, 0);
        _assertEarned(1, 150e18, 0);
    }

    function test_settle_pastTheFirstHalving_ratesHalf() public {
        IEmission.Parameters memory p = _emissionParameters();
        p.baseRate = CAP / (4 * EPOCH);
        _deploy(_metagraphParameters(), p);
        _setUpNeurons();
        vm.assertEq(emission.rate(), p.baseRate);
        _toEpoch(2, 200);
        _settle(1, 1, 2, carol); // two epochs of the highest rate: half the cap, and 200,000 WEFT were issued before
        vm.assertGe(token.issued(), CAP / 2);
        vm.assertEq(emission.rate(), p.baseRate / 2);
    }

    function test_settle_steadyState_opensNoStorageSlot() public {
        for (uint256 epoch = 0; epoch < 3; epoch++) {
            _toEpoch(epoch + 1, 200);
            _settle(epoch, 1, 2, _hotkey(1));
            metagraph.recordSettlement(epoch, hex"ffff0000");
        }
        emission.claim(1);
        emission.claim(2);
        emission.claimAccount(treasury);
        _toEpoch(4, 200);
        address[] memory all = new address[](4);
        (all[0], all[1], all[2], all[3]) = (address(token), address(stakes), address(metagraph), address(emission));
        vm.assertEq(_slotsOpened(all, _settleThird), 1); // the balance of Emission, which all had been claimed from
        _toEpoch(5, 200);
        vm.assertEq(_slotsOpened(all, _settleFourth), 0);
        _assertEarned(1, 5 * MINERS, 3 * MINERS);
    }

    function _settleThird() private {
        _settle(3, 1, 2, _hotkey(1));
        metagraph.recordSettlement(3, hex"0000ffff");
    }

    function _settleFourth() private {
        _settle(4, 1, 2, _hotkey(1));
        metagraph.recordSettlement(4, hex"ffff0000");
    }

    // claims

    function test_claim_byAnyone_paysTheColdkeyOnce() public {
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        uint256 before = token.balanceOf(alice);
        vm.expectEmit(address(emission));
        emit IEmission.Claimed(1, alice, MINERS);
        vm.prank(carol);
        vm.assertEq(emission.claim(1), MINERS);
        vm.assertEq(token.balanceOf(alice), before + MINERS);
        _assertEarned(1, MINERS, MINERS);
        vm.expectRevert(abi.encodeWithSelector(IEmission.NothingToClaim.selector, 1));
        emission.claim(1);
    }

    function test_claim_neverEarned_revertsNothingToClaim() public {
        vm.expectRevert(abi.encodeWithSelector(IEmission.NothingToClaim.selector, 1));
        emission.claim(1);
    }

    function test_claimAccount_treasury_isPaidOnce() public {
        _toEpoch(1, 200);
        _settle(0, 1, 2, carol);
        vm.expectEmit(address(emission));
        emit IEmission.AccountClaimed(treasury, TREASURY - BOUNTY);
        vm.assertEq(emission.claimAccount(treasury), TREASURY - BOUNTY);
        vm.assertEq(token.balanceOf(treasury), TREASURY - BOUNTY);
        _assertAccount(treasury, TREASURY - BOUNTY, TREASURY - BOUNTY);
        vm.expectRevert(abi.encodeWithSelector(IEmission.NothingToClaimFor.selector, treasury));
        emission.claimAccount(treasury);
    }

    // fuzz

    function testFuzz_settle_anyShares_mintsWhatIsOwedAndNoMoreThanThePot(uint256 i, uint256 j, uint256 d) public {
        i = _bound(i, 0, ONE);
        j = _bound(j, 0, ONE - i);
        d = _bound(d, 0, ONE);
        uint256 issued = token.issued();
        _toEpoch(1, 200);
        emission.settle(0, _two(1, 2), _two(i, j), _one(2), _one(d), carol);
        uint256 minted = token.issued() - issued;
        vm.assertLe(minted, POT);
        (uint256 miner, ) = emission.earned(1);
        (uint256 validator, ) = emission.earned(2);
        (uint256 forTreasury, ) = emission.accountEarned(treasury);
        (uint256 bounty, ) = emission.accountEarned(carol);
        uint256 credited = miner + validator + forTreasury + bounty;
        vm.assertEq(minted, credited + stakes.poolAssets(2) - 100e18);
        vm.assertEq(token.balanceOf(address(emission)), credited);
        vm.assertEq(miner, (i * MINERS) >> 32);
    }

    function _assertEarned(uint256 neuronId, uint256 total, uint256 claimed) private view {
        (uint256 t, uint256 c) = emission.earned(neuronId);
        vm.assertEq(t, total);
        vm.assertEq(c, claimed);
    }

    function _assertAccount(address account, uint256 total, uint256 claimed) private view {
        (uint256 t, uint256 c) = emission.accountEarned(account);
        vm.assertEq(t, total);
        vm.assertEq(c, claimed);
    }

    function _rejectsSplit(uint256 miners, uint256 validators, uint256 rest) private {
        IEmission.Parameters memory p = _emissionParameters();
        (p.minerBps, p.validatorBps, p.treasuryBps) = (miners, validators, rest);
        vm.expectRevert(abi.encodeWithSelector(IEmission.InvalidSplit.selector, miners, validators, rest));
        new Emission(metagraph, stakes, p, address(manager));
    }

    function _expectOutOfBounds(bytes32 name, uint256 value, uint256 low, uint256 high) private {
        vm.expectRevert(abi.encodeWithSelector(Bounds.ParameterOutOfBounds.selector, name, value, low, high));
    }
}
