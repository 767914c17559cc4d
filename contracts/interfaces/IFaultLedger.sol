// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IFaultLedger: commitments that were not revealed
/// @notice What an `UpdateLedger` and a `WeightLedger` have in common: who commits and does not reveal is at fault, unless
/// so many failed that the network must have. A period is a round of updates or an epoch of weights.
/// 1. Between the period's last reveal and the time when its words are reused, anyone has it tallied.
/// 2. While evidence counts, `slashing` takes each fault once: from the word, or from the hotkey's book, where it went
///    when a later commitment took its word over.
interface IFaultLedger {
    /// @notice Only `slashing` takes faults.
    error NotSlashing(address caller, address slashing);

    /// @notice The period can be tallied in [from, until), Unix seconds.
    error TallyNotDue(uint256 period, uint256 from, uint256 until);

    /// @notice Nobody tallied the period while its words stood.
    error NotTallied(uint256 period);

    /// @notice Fewer than half of the commitments were revealed: an outage, nobody's fault.
    error Outage(uint256 period, uint256 commits, uint256 reveals);

    /// @notice Commitments were paused during the period, or may have been: nobody is at fault.
    error PausedDuring(uint256 period);

    /// @notice Evidence of the period counted until `until` (Unix seconds).
    error EvidenceTooLate(uint256 period, uint256 until);

    /// @notice The hotkey has no unrevealed commitment of the period that was not taken yet.
    error NoFault(address hotkey, uint256 period);

    /// @notice The wiring was set.
    event FaultLedgerLinked(address slashing);

    /// @notice Of the hotkeys that counted in the period, `commits` committed and `reveals` of these revealed.
    event Tallied(uint256 indexed period, uint256 commits, uint256 reveals);

    /// @notice A later commitment of the hotkey took over the word of one that it never revealed.
    event FaultBooked(uint256 indexed period, address indexed hotkey);

    /// @notice The hotkey's fault in the period was taken: it is not to be punished again.
    event FaultTaken(uint256 indexed period, address indexed hotkey);

    /// @notice Sets the wiring, once. Deployer only (`NotDeployer`, `AlreadyLinked`, `NotAContract`).
    function link(address slashing_) external;

    /// @notice Counts commitments and reveals of the period over the hotkeys that hold a uid (updates) or a permit of the
    /// epoch (weights) now. Anyone may call, again too. Errors: `TallyNotDue`, `PermitRingLib.PermitsNotKept`.
    function tally(uint256 period) external;

    /// @notice Takes the hotkey's fault in the period. Only `slashing`.
    /// Errors: `NotSlashing`, `NotTallied`, `Outage`, `PausedDuring`, `EvidenceTooLate`, `NoFault`.
    function takeFault(address hotkey, uint256 period) external;

    /// @notice Zero before `link`.
    function slashing() external view returns (address);

    /// @notice Whether the hotkey has a commitment that it did not reveal and that evidence may still be brought of: it
    /// cannot be replaced meanwhile.
    function openCommitOf(address hotkey) external view returns (bool);

    /// @notice The tally of the period, all 0 and false when there is none. The last 64 tallied periods at most are kept.
    function tallyOf(uint256 period) external view returns (bool tallied, uint256 commits, uint256 reveals);

    /// @notice Unix seconds until which evidence of the period counts: the start of the third epoch after the one of the
    /// missed reveal, which is before anything staked then can be withdrawn.
    function evidenceUntil(uint256 period) external view returns (uint256);
}
