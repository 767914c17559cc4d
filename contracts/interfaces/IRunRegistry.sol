// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RoundClock} from "../libraries/RoundClock.sol";

/// @title IRunRegistry
/// @notice The one address a participant needs: every contract of a run, the manifest they serve and when it changes,
/// and the run's last round. What is announced is announced at least two epochs ahead.
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
        address vault;
        address slashing;
        address challenge;
        address checkpointLedger;
        address directory;
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
    /// The contract at `account` is wired to `found` where this run has `expected`.
    error NotWired(address account, address found, address expected);
    error ManifestIncomplete();
    /// What would change in `epoch` can change from `earliest` on.
    error NotAnnouncedAhead(uint256 epoch, uint256 earliest);
    /// The run ends after `endRound`, as announced; that stands.
    error EndAnnounced(uint256 endRound);

    /// @notice `manifest` holds from `fromEpoch` on, in place of what was announced for later epochs than now.
    event ManifestAnnounced(uint256 indexed fromEpoch, Manifest manifest);
    /// @notice The last round is `endRound`: no update of a later one is taken, and time after it is not paid.
    event EndOfRunAnnounced(uint256 endRound);
    /// @notice Settlements come from `epochEngine` from now on.
    event EpochEngineReplaced(address epochEngine);

    /// @notice Announces the manifest from `fromEpoch` on, at least two epochs ahead. It never changes the tensor layout:
    /// nodes refuse one that does. Replaces an announcement that is not in force yet. Only the authority's role
    /// (`AccessManagedUnauthorized`). Errors: ManifestIncomplete, NotAnnouncedAhead.
    function announceManifest(Manifest calldata next, uint256 fromEpoch) external;

    /// @notice Announces the run's last round, whose epoch is at least two ahead. Once. Only the authority's role.
    /// Errors: NotAnnouncedAhead, EndAnnounced.
    function announceEnd(uint256 endRound_) external;

    /// @notice Puts another engine in the place of the present one, in metagraph, emission and here at once.
    /// Only the authority's role. Errors: NoCode, ClockMismatch, NotWired.
    function replaceEpochEngine(address epochEngine) external;

    function contracts() external view returns (Contracts memory);

    /// @notice The manifest in force.
    function manifest() external view returns (Manifest memory);

    /// @notice The manifest of `epoch`, as things stand; of a past one: the one before the present at the earliest.
    function manifestAt(uint256 epoch) external view returns (Manifest memory);

    /// @notice The announced last round; max uint256 while there is none.
    function endRound() external view returns (uint256);

    function clock() external view returns (RoundClock);
}
