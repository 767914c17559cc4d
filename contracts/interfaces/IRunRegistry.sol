// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";

/// @title IRunRegistry
/// @notice The one address a participant needs: every contract of a run and the manifest they serve. Immutable.
interface IRunRegistry {
    struct Contracts {
        address token;
        address stakeManager;
        address metagraph;
        address updateLedger;
        address attestationLedger;
        address weightLedger;
        address epochEngine;
        address emission;
    }

    /// @param hash sha256 of the manifest's canonical JSON.
    /// @param digest sha2-256 digest of its root CID.
    /// @param size Bytes of its content.
    struct Manifest {
        bytes32 hash;
        bytes32 digest;
        uint256 size;
    }

    error NoCode(address account);
    /// The contract at `account` keeps another timetable than the metagraph.
    error ClockMismatch(address account);
    error ManifestIncomplete();

    function contracts() external view returns (Contracts memory);

    function manifest() external view returns (Manifest memory);

    function clock() external view returns (RoundClock);
}
