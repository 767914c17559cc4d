// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {AttestationLedger} from "../../../contracts/AttestationLedger.sol";
import {AvailabilityChallenge} from "../../../contracts/AvailabilityChallenge.sol";
import {CheckpointLedger} from "../../../contracts/CheckpointLedger.sol";
import {CollateralVault} from "../../../contracts/CollateralVault.sol";
import {Directory} from "../../../contracts/Directory.sol";
import {Emission} from "../../../contracts/Emission.sol";
import {Metagraph} from "../../../contracts/Metagraph.sol";
import {Slashing} from "../../../contracts/Slashing.sol";
import {StakeManager} from "../../../contracts/StakeManager.sol";
import {UpdateLedger} from "../../../contracts/UpdateLedger.sol";
import {WeftToken} from "../../../contracts/WeftToken.sol";
import {WeightLedger} from "../../../contracts/WeightLedger.sol";
import {IAvailabilityChallenge} from "../../../contracts/interfaces/IAvailabilityChallenge.sol";
import {IEmission} from "../../../contracts/interfaces/IEmission.sol";
import {IMetagraph} from "../../../contracts/interfaces/IMetagraph.sol";
import {ISlashing} from "../../../contracts/interfaces/ISlashing.sol";
import {RoundClock, RoundClockLib} from "../../../contracts/libraries/RoundClock.sol";
import {WeftTest} from "./WeftTest.sol";

/// @notice All contracts of a run wired together, with the test contract as epoch engine. Time starts
/// 1,000 s before genesis; rounds of 100 s, epochs of 300 s.
abstract contract MoneySystem is WeftTest {
    uint64 internal constant GENESIS = 1_000_000;
    uint256 internal constant EPOCH = 300;
    uint256 internal constant FOREVER = type(uint256).max;
    uint256 internal constant CAP = 21_000_000e18;
    uint256 internal constant HOTKEY_BASE = 0x10000;
    uint256 internal constant MAX_UPDATE_BYTES = 1 << 20;

    address internal alice = address(0xA11CE);
    address internal bob = address(0xB0B);
    address internal treasury = address(0x7EA);

    RoundClock internal clock = RoundClockLib.pack(GENESIS, 100, 50, 75, 3);
    /// @dev The authority of what can be changed; the test contract is its admin and passes without delay.
    AccessManager internal manager = new AccessManager(address(this));
    WeftToken internal token;
    StakeManager internal stakes;
    Metagraph internal metagraph;
    Emission internal emission;
    CollateralVault internal vault;
    UpdateLedger internal updates;
    AttestationLedger internal attestations;
    WeightLedger internal weights;
    CheckpointLedger internal checkpoints;
    Directory internal directory;
    Slashing internal slashing;
    AvailabilityChallenge internal challenges;

    function _deploy() internal {
        _deploy(_metagraphParameters(), _emissionParameters());
    }

    function _deploy(IMetagraph.Parameters memory m, IEmission.Parameters memory e) internal {
        _deployContracts(m, e);
        _link(address(this));
        _approve(alice);
        _approve(bob);
    }

    /// @dev Every contract of a run but its epoch engine, with 100,000 WEFT for alice and bob each. Nothing is linked.
    function _deployContracts(IMetagraph.Parameters memory m, IEmission.Parameters memory e) internal {
        vm.warp(GENESIS - 1000);
        (address[] memory holders, uint256[] memory amounts) = (new address[](2), new uint256[](2));
        (holders[0], holders[1]) = (alice, bob);
        (amounts[0], amounts[1]) = (100_000e18, 100_000e18);
        token = new WeftToken(holders, amounts);
        metagraph = new Metagraph(token, clock, m, address(manager));
        stakes = new StakeManager(metagraph, 2, 1800, address(manager));
        emission = new Emission(metagraph, stakes, e, address(manager));
        vault = new CollateralVault(metagraph, emission, stakes);
        updates = new UpdateLedger(metagraph, MAX_UPDATE_BYTES, address(manager));
        attestations = new AttestationLedger(metagraph);
        weights = new WeightLedger(metagraph, address(manager));
        checkpoints = new CheckpointLedger(metagraph, stakes);
        directory = new Directory(metagraph);
        slashing = new Slashing(
            metagraph,
            stakes,
            vault,
            updates,
            weights,
            checkpoints,
            _slashingParameters(),
            address(manager)
        );
        challenges = new AvailabilityChallenge(
            metagraph,
            stakes,
            updates,
            slashing,
            _challengeParameters(),
            address(manager)
        );
    }

    /// @dev Links all contracts, with `engine` as the epoch engine.
    function _link(address engine) internal {
        token.link(address(emission));
        stakes.link(address(emission), address(slashing));
        metagraph.link(address(stakes), engine, address(vault), address(updates), address(weights));
        emission.link(engine);
        vault.link(address(slashing));
        updates.link(address(slashing));
        weights.link(address(slashing));
        slashing.link(address(challenges));
    }

    /// @dev Lets the contracts that move tokens move all of the account's.
    function _approve(address account) internal {
        vm.startPrank(account);
        token.approve(address(stakes), FOREVER);
        token.approve(address(metagraph), FOREVER);
        token.approve(address(challenges), FOREVER);
        vm.stopPrank();
    }

    function _slashingParameters() internal pure returns (ISlashing.Parameters memory) {
        return
            ISlashing.Parameters({
                updateNotRevealedBps: 100,
                weightsNotRevealedBps: 200,
                dataWithheldBps: 500,
                twoStateRootsBps: 5000,
                poolCapBps: 1000,
                rewardBps: 1000
            });
    }

    function _challengeParameters() internal pure returns (IAvailabilityChallenge.Parameters memory) {
        return IAvailabilityChallenge.Parameters({bond: 2e18, answerSeconds: 60});
    }

    function _metagraphParameters() internal pure returns (IMetagraph.Parameters memory) {
        return
            IMetagraph.Parameters({
                maxUids: 4,
                maxValidators: 2,
                minValidatorStake: 100e18,
                immunityEpochs: 3,
                minNonImmune: 1,
                initialBurn: 10e18,
                minBurn: 1e18,
                maxBurn: 1000e18,
                burnHalfLife: 600,
                maxRegistrationsPerEpoch: 5,
                collateral: 0
            });
    }

    function _emissionParameters() internal view returns (IEmission.Parameters memory) {
        return
            IEmission.Parameters({
                baseRate: 1e18,
                minerBps: 4100,
                validatorBps: 4100,
                treasuryBps: 1800,
                treasury: treasury,
                maxBounty: 1e18
            });
    }

    /// @dev Moves to `offset` seconds into `epoch`.
    function _toEpoch(uint256 epoch, uint256 offset) internal {
        vm.warp(GENESIS + epoch * EPOCH + offset);
    }

    /// @dev Address of the test hotkey number `index`.
    function _hotkey(uint256 index) internal pure returns (address) {
        return vm.addr(HOTKEY_BASE + index);
    }

    /// @dev Consent of hotkey `index` to serve `coldkey`.
    function _consent(uint256 index, address coldkey, uint256 deadline) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Weft Metagraph"),
                keccak256("1"),
                block.chainid,
                address(metagraph)
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Register(address coldkey,address hotkey,uint256 deadline)"),
                coldkey,
                _hotkey(index),
                deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, message));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(HOTKEY_BASE + index, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Registers hotkey `index` for `coldkey`.
    function _register(address coldkey, uint256 index) internal returns (uint256 neuronId, uint256 uid) {
        bytes memory consent = _consent(index, coldkey, FOREVER);
        address hotkey = _hotkey(index);
        vm.prank(coldkey);
        return metagraph.register(hotkey, FOREVER, FOREVER, consent);
    }

    function _stake(address account, uint256 neuronId, uint256 assets) internal returns (uint256) {
        vm.prank(account);
        return stakes.stake(neuronId, assets, 0, FOREVER);
    }

    function _unstake(address account, uint256 neuronId, uint256 shares) internal returns (uint256) {
        vm.prank(account);
        return stakes.unstake(neuronId, shares, 0, FOREVER);
    }

    /// @dev Settles `epoch` with one miner and one validator, each with the whole pot.
    function _settle(uint256 epoch, uint256 miner, uint256 validator, address caller) internal {
        emission.settle(epoch, _one(miner), _one(1 << 32), _one(validator), _one(1 << 32), caller);
    }

    function _one(uint256 value) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }

    function _two(uint256 a, uint256 b) internal pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }

    /// @dev Distinct storage slots of `targets` that go from zero to non-zero in `action`.
    function _slotsOpened(address[] memory targets, function() action) internal returns (uint256 opened) {
        uint256 before = vm.snapshotState();
        vm.record();
        action();
        bytes32[][] memory writes = new bytes32[][](targets.length);
        bytes32[][] memory values = new bytes32[][](targets.length);
        for (uint256 i = 0; i < targets.length; i++) {
            (, writes[i]) = vm.accesses(targets[i]);
            values[i] = new bytes32[](writes[i].length);
            for (uint256 k = 0; k < writes[i].length; k++) values[i][k] = vm.load(targets[i], writes[i][k]);
        }
        vm.revertToState(before);
        for (uint256 i = 0; i < targets.length; i++) {
            for (uint256 k = 0; k < writes[i].length; k++) {
                bool opens = values[i][k] != 0 && vm.load(targets[i], writes[i][k]) == 0;
                for (uint256 earlier = 0; earlier < k; earlier++) {
                    if (writes[i][earlier] == writes[i][k]) opens = false; // counted there
                }
                if (opens) opened++;
            }
        }
        action();
    }
}
