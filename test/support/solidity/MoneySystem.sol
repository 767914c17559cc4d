// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Emission} from "../../../contracts/Emission.sol";
import {Metagraph} from "../../../contracts/Metagraph.sol";
import {StakeManager} from "../../../contracts/StakeManager.sol";
import {WeftToken} from "../../../contracts/WeftToken.sol";
import {IEmission} from "../../../contracts/interfaces/IEmission.sol";
import {IMetagraph} from "../../../contracts/interfaces/IMetagraph.sol";
import {RoundClock, RoundClockLib} from "../../../contracts/libraries/RoundClock.sol";
import {WeftTest} from "./WeftTest.sol";

/// @notice Token, stake, metagraph and emission wired together, with the test contract as epoch engine. Time starts
/// 1,000 s before genesis; rounds of 100 s, epochs of 300 s.
abstract contract MoneySystem is WeftTest {
    uint64 internal constant GENESIS = 1_000_000;
    uint256 internal constant EPOCH = 300;
    uint256 internal constant FOREVER = type(uint256).max;
    uint256 internal constant CAP = 21_000_000e18;
    uint256 internal constant HOTKEY_BASE = 0x10000;

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

    function _deploy() internal {
        _deploy(_metagraphParameters(), _emissionParameters());
    }

    function _deploy(IMetagraph.Parameters memory m, IEmission.Parameters memory e) internal {
        vm.warp(GENESIS - 1000);
        (address[] memory holders, uint256[] memory amounts) = (new address[](2), new uint256[](2));
        (holders[0], holders[1]) = (alice, bob);
        (amounts[0], amounts[1]) = (100_000e18, 100_000e18);
        token = new WeftToken(holders, amounts);
        stakes = new StakeManager(token, clock, 2, 1800);
        metagraph = new Metagraph(token, clock, m);
        emission = new Emission(token, clock, e);
        token.link(address(emission), address(stakes));
        stakes.link(address(metagraph), address(emission));
        metagraph.link(address(stakes), address(this));
        emission.link(address(metagraph), address(stakes), address(this));
        for (uint256 i = 0; i < 2; i++) {
            vm.startPrank(holders[i]);
            token.approve(address(stakes), FOREVER);
            token.approve(address(metagraph), FOREVER);
            vm.stopPrank();
        }
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
                maxRegistrationsPerEpoch: 5
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
