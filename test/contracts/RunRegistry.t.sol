// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {AttestationLedger} from "../../contracts/AttestationLedger.sol";
import {AvailabilityChallenge} from "../../contracts/AvailabilityChallenge.sol";
import {CheckpointLedger} from "../../contracts/CheckpointLedger.sol";
import {CollateralVault} from "../../contracts/CollateralVault.sol";
import {Directory} from "../../contracts/Directory.sol";
import {Emission} from "../../contracts/Emission.sol";
import {EpochEngine} from "../../contracts/EpochEngine.sol";
import {Metagraph} from "../../contracts/Metagraph.sol";
import {RunRegistry} from "../../contracts/RunRegistry.sol";
import {Slashing} from "../../contracts/Slashing.sol";
import {StakeManager} from "../../contracts/StakeManager.sol";
import {UpdateLedger} from "../../contracts/UpdateLedger.sol";
import {WeftToken} from "../../contracts/WeftToken.sol";
import {WeightLedger} from "../../contracts/WeightLedger.sol";
import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {IRunRegistry} from "../../contracts/interfaces/IRunRegistry.sol";
import {GateLib} from "../../contracts/libraries/Gate.sol";
import {RoundClock, RoundClockLib} from "../../contracts/libraries/RoundClock.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

contract RunRegistryTest is RunSystem {
    function setUp() public {
        _deployRun();
    }

    function test_constructor_wholeRun_isOnRecord() public {
        RunRegistry registry = new RunRegistry(_contracts(), _manifest(), address(manager));
        vm.assertEq(keccak256(abi.encode(registry.contracts())), keccak256(abi.encode(_contracts())));
        vm.assertEq(keccak256(abi.encode(registry.manifest())), keccak256(abi.encode(_manifest())));
        vm.assertEq(RoundClock.unwrap(registry.clock()), RoundClock.unwrap(clock));
    }

    function test_constructor_anyContractWithoutCode_revertsNoCode() public {
        uint256[10] memory named = [uint256(0), 1, 2, 3, 4, 5, 6, 7, 11, 12];
        for (uint256 i = 0; i < named.length; i++) {
            address[13] memory list = _list();
            list[named[i]] = alice;
            vm.expectRevert(abi.encodeWithSelector(IRunRegistry.NoCode.selector, alice));
            new RunRegistry(_named(list), _manifest(), address(manager));
        }
    }

    function test_constructor_contractOfAnotherClock_revertsClockMismatch() public {
        Metagraph another = new Metagraph(
            token,
            RoundClockLib.pack(GENESIS, 100, 50, 75, 4),
            _runParameters(),
            address(manager)
        );
        StakeManager other = new StakeManager(another, 2, 0, address(manager));
        IRunRegistry.Contracts memory contracts = _contracts();
        contracts.stakeManager = address(other);
        vm.expectRevert(abi.encodeWithSelector(IRunRegistry.ClockMismatch.selector, other));
        new RunRegistry(contracts, _manifest(), address(manager));
    }

    function test_constructor_manifestIncomplete_revertsManifestIncomplete() public {
        for (uint256 k = 0; k < 3; k++) {
            IRunRegistry.Manifest memory manifest = _manifest();
            if (k == 0) manifest.hash = 0;
            if (k == 1) manifest.digest = 0;
            if (k == 2) manifest.size = 0;
            vm.expectRevert(IRunRegistry.ManifestIncomplete.selector);
            new RunRegistry(_contracts(), manifest, address(manager));
        }
    }

    function test_constructor_contractWiredToAnother_revertsNotWired() public {
        // Every contract but the one of the settled clock and the attestations is named by another.
        uint256[10] memory named = [uint256(0), 1, 2, 3, 5, 6, 7, 8, 9, 12];
        for (uint256 k = 0; k < named.length; k++) {
            address[13] memory list = _list();
            IRunRegistry.Contracts memory other = _otherRun();
            list[named[k]] = abi.decode(abi.encode(other), (address[13]))[named[k]];
            (bool made, bytes memory reason) = address(this).call(abi.encodeCall(this.make, (_named(list))));
            vm.assertFalse(made);
            vm.assertTrue(bytes4(reason) == IRunRegistry.NotWired.selector, "named another");
        }
    }

    function make(IRunRegistry.Contracts calldata contracts) external returns (RunRegistry) {
        return new RunRegistry(contracts, _manifest(), address(manager));
    }

    /// @dev A second run of the same clock, deployed beside; this run's contracts stay the test's.
    function _otherRun() private returns (IRunRegistry.Contracts memory other) {
        other = _contracts();
        _deployRun();
        IRunRegistry.Contracts memory second = _contracts();
        // Redeployed from another nonce: the addresses differ, and the code of the second run stands.
        (token, stakes, metagraph) = (
            WeftToken(other.token),
            StakeManager(other.stakeManager),
            Metagraph(other.metagraph)
        );
        (updates, weights) = (UpdateLedger(other.updateLedger), WeightLedger(other.weightLedger));
        (engine, emission) = (EpochEngine(other.epochEngine), Emission(other.emission));
        (vault, slashing) = (CollateralVault(other.vault), Slashing(other.slashing));
        challenges = AvailabilityChallenge(other.challenge);
        checkpoints = CheckpointLedger(other.checkpointLedger);
        directory = Directory(other.directory);
        attestations = AttestationLedger(other.attestationLedger);
        return second;
    }

    // announcements

    function test_announceManifest_twoEpochsAhead_holdsFromThenOn() public {
        RunRegistry registry = _registry();
        _toEpoch(3, 0);
        vm.expectRevert(abi.encodeWithSelector(IRunRegistry.NotAnnouncedAhead.selector, 4, 5));
        registry.announceManifest(_other(2), 4);
        vm.expectEmit(address(registry));
        emit IRunRegistry.ManifestAnnounced(5, _other(2));
        registry.announceManifest(_other(2), 5);
        _expectManifest(registry, _manifest());
        _toEpoch(5, 0);
        _expectManifest(registry, _other(2));
        vm.assertEq(registry.manifestAt(4).size, 1);
        registry.announceManifest(_other(3), 7);
        registry.announceManifest(_other(4), 8); // in place of the one before, which was not in force yet
        _toEpoch(7, 0);
        _expectManifest(registry, _other(2));
        _toEpoch(8, 0);
        _expectManifest(registry, _other(4));
        vm.expectRevert(IRunRegistry.ManifestIncomplete.selector);
        registry.announceManifest(IRunRegistry.Manifest(0, 0, 0), 20);
    }

    function test_announceEnd_endsCommitsAndPay_onceAndAhead() public {
        RunRegistry registry = _registry();
        _toEpoch(1, 0);
        vm.assertEq(registry.endRound(), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(IRunRegistry.NotAnnouncedAhead.selector, 2, 3));
        registry.announceEnd(8);
        vm.expectEmit(address(registry));
        emit IRunRegistry.EndOfRunAnnounced(9);
        registry.announceEnd(9);
        vm.assertEq(registry.endRound(), 9);
        vm.assertEq(emission.endsAt(), GENESIS + 1000);
        vm.expectRevert(abi.encodeWithSelector(IRunRegistry.EndAnnounced.selector, 9));
        registry.announceEnd(12);
        _toRound(9, 0);
        _commitUpdate(0, 9);
        _toRound(10, 0);
        bytes32 commitment = _commitment(0, 10);
        vm.prank(_hotkey(0));
        vm.expectRevert(abi.encodeWithSelector(GateLib.Closed.selector, GENESIS + 1000));
        updates.commitUpdate(10, DIGEST, SIZE, commitment);
    }

    function test_announce_byAnother_revertsAccessManagedUnauthorized() public {
        RunRegistry registry = _registry();
        vm.startPrank(alice);
        bytes memory reason = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice);
        vm.expectRevert(reason);
        registry.announceManifest(_other(2), 9);
        vm.expectRevert(reason);
        registry.announceEnd(99);
        vm.expectRevert(reason);
        registry.replaceEpochEngine(address(engine));
    }

    // replacement of the engine

    function test_replaceEpochEngine_settlesOnWithNothingLost() public {
        RunRegistry registry = _registry();
        _weigh(0);
        engine.settleEpoch(0, _witness(_noBonds()));
        bytes32 bonds = engine.bondsHash();
        EpochEngine next = _newEngine(engine);
        vm.expectEmit(address(registry));
        emit IRunRegistry.EpochEngineReplaced(address(next));
        registry.replaceEpochEngine(address(next));
        vm.assertEq(registry.contracts().epochEngine, address(next));
        vm.assertEq(next.bondsHash(), bonds);
        vm.assertEq(next.lastSettledEpoch(), 0);
        vm.assertTrue(next.settledAny());
        IEpochEngine.Witness memory again = _witness(_firstBonds());
        vm.expectRevert(abi.encodeWithSelector(IEpochEngine.AlreadySettled.selector, 0));
        next.settleEpoch(0, again);
        _weigh(1);
        IEpochEngine.Witness memory second = _witness(_firstBonds());
        vm.expectRevert(abi.encodeWithSelector(IMetagraph.NotEpochEngine.selector, address(engine), address(next)));
        engine.settleEpoch(1, second);
        (uint256 before, ) = emission.earned(1);
        next.settleEpoch(1, second);
        (uint256 earned, ) = emission.earned(1);
        vm.assertGt(earned, before);
        vm.assertEq(next.lastSettledEpoch(), 1);
        vm.assertTrue(next.bondsHash() != bonds);
    }

    function test_replaceEpochEngine_notItsSuccessorOrOfAnotherRun_reverts() public {
        RunRegistry registry = _registry();
        EpochEngine orphan = _newEngine(IEpochEngine(address(0)));
        vm.expectRevert(
            abi.encodeWithSelector(IRunRegistry.NotWired.selector, address(orphan), address(0), address(engine))
        );
        registry.replaceEpochEngine(address(orphan));
        vm.expectRevert(abi.encodeWithSelector(IRunRegistry.NoCode.selector, alice));
        registry.replaceEpochEngine(alice);
    }

    /// @dev A registry that has the role which ledgers and emission ask for.
    function _registry() private returns (RunRegistry registry) {
        registry = new RunRegistry(_contracts(), _manifest(), address(manager));
        manager.grantRole(0, address(registry), 0);
    }

    function _other(uint256 size) private pure returns (IRunRegistry.Manifest memory) {
        return IRunRegistry.Manifest({hash: keccak256("other"), digest: keccak256("digest"), size: size});
    }

    function _expectManifest(RunRegistry registry, IRunRegistry.Manifest memory expected) private view {
        vm.assertEq(keccak256(abi.encode(registry.manifest())), keccak256(abi.encode(expected)));
    }

    function _contracts() private view returns (IRunRegistry.Contracts memory) {
        return _named(_list());
    }

    function _list() private view returns (address[13] memory) {
        return
            [
                address(token),
                address(stakes),
                address(metagraph),
                address(updates),
                address(attestations),
                address(weights),
                address(engine),
                address(emission),
                address(vault),
                address(slashing),
                address(challenges),
                address(checkpoints),
                address(directory)
            ];
    }

    /// @dev The struct of thirteen addresses has the same layout as the list.
    function _named(address[13] memory list) private pure returns (IRunRegistry.Contracts memory) {
        return abi.decode(abi.encode(list), (IRunRegistry.Contracts));
    }

    function _manifest() private pure returns (IRunRegistry.Manifest memory) {
        return IRunRegistry.Manifest({hash: keccak256("hash"), digest: keccak256("digest"), size: 1});
    }
}
