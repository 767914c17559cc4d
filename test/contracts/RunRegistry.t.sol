// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RunRegistry} from "../../contracts/RunRegistry.sol";
import {StakeManager} from "../../contracts/StakeManager.sol";
import {IRunRegistry} from "../../contracts/interfaces/IRunRegistry.sol";
import {RoundClock, RoundClockLib} from "../../contracts/libraries/RoundClock.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";

contract RunRegistryTest is RunSystem {
    function setUp() public {
        _deployRun();
    }

    function test_constructor_wholeRun_isOnRecord() public {
        RunRegistry registry = new RunRegistry(_contracts(), _manifest());
        vm.assertEq(keccak256(abi.encode(registry.contracts())), keccak256(abi.encode(_contracts())));
        vm.assertEq(keccak256(abi.encode(registry.manifest())), keccak256(abi.encode(_manifest())));
        vm.assertEq(RoundClock.unwrap(registry.clock()), RoundClock.unwrap(clock));
    }

    function test_constructor_anyContractWithoutCode_revertsNoCode() public {
        for (uint256 k = 0; k < 8; k++) {
            address[8] memory list = _list();
            list[k] = alice;
            vm.expectRevert(abi.encodeWithSelector(IRunRegistry.NoCode.selector, alice));
            new RunRegistry(_named(list), _manifest());
        }
    }

    function test_constructor_contractOfAnotherClock_revertsClockMismatch() public {
        StakeManager other = new StakeManager(token, RoundClockLib.pack(GENESIS, 100, 50, 75, 4), 2, 0);
        IRunRegistry.Contracts memory contracts = _contracts();
        contracts.stakeManager = address(other);
        vm.expectRevert(abi.encodeWithSelector(IRunRegistry.ClockMismatch.selector, other));
        new RunRegistry(contracts, _manifest());
    }

    function test_constructor_manifestIncomplete_revertsManifestIncomplete() public {
        for (uint256 k = 0; k < 3; k++) {
            IRunRegistry.Manifest memory manifest = _manifest();
            if (k == 0) manifest.hash = 0;
            if (k == 1) manifest.digest = 0;
            if (k == 2) manifest.size = 0;
            vm.expectRevert(IRunRegistry.ManifestIncomplete.selector);
            new RunRegistry(_contracts(), manifest);
        }
    }

    function _contracts() private view returns (IRunRegistry.Contracts memory) {
        return _named(_list());
    }

    function _list() private view returns (address[8] memory) {
        return
            [
                address(token),
                address(stakes),
                address(metagraph),
                address(updates),
                address(attestations),
                address(weights),
                address(engine),
                address(emission)
            ];
    }

    /// @dev The struct of eight addresses has the same layout as the list.
    function _named(address[8] memory list) private pure returns (IRunRegistry.Contracts memory) {
        return abi.decode(abi.encode(list), (IRunRegistry.Contracts));
    }

    function _manifest() private pure returns (IRunRegistry.Manifest memory) {
        return IRunRegistry.Manifest({hash: keccak256("hash"), digest: keccak256("digest"), size: 1});
    }
}
