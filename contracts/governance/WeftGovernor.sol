// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IMetagraph} from "../interfaces/IMetagraph.sol";
import {IStakeManager} from "../interfaces/IStakeManager.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {StakeCounting} from "./StakeCounting.sol";

/// @title WeftGovernor: proposals of who holds and stakes the token, carried out by a timelock
/// @notice OpenZeppelin's Governor. A vote opens when an epoch starts, at least `votingDelay` after its proposal; balances
/// count as they stood a second before, stake as it stood then (`IStakeCounting`). The quorum is a part of the supply when
/// the proposal was made, staked tokens and rewards not yet claimed included.
contract WeftGovernor is Governor, GovernorSettings, StakeCounting, GovernorTimelockControl {
    uint256 private constant BPS = 10_000;

    address private immutable token;
    /// @notice Votes for and abstaining that a proposal needs, in basis points of the supply.
    uint256 public immutable quorumBps;

    mapping(uint256 timepoint => uint256) private _supplies;

    /// @param metagraph_ Whose coldkeys vote their pools.
    /// @param stakeManager_ What is staked.
    /// @param timelock_ Carries proposals out; holds all power over the run.
    /// @param delay Seconds from a proposal to its vote, at least; the vote waits for the next epoch after.
    /// @param period Seconds that a vote lasts [1 second, 60 days].
    /// @param threshold Wei of votes that a proposer needs.
    /// @param quorumBps_ See `quorumBps` [1, 5,000].
    constructor(
        IMetagraph metagraph_,
        IStakeManager stakeManager_,
        TimelockController timelock_,
        uint48 delay,
        uint32 period,
        uint256 threshold,
        uint256 quorumBps_
    )
        Governor("Weft Governor")
        GovernorSettings(delay, period, threshold)
        StakeCounting(metagraph_, stakeManager_)
        GovernorTimelockControl(timelock_)
    {
        token = address(metagraph_.token());
        Bounds.check("votingPeriod", period, 1, 60 days);
        quorumBps = Bounds.check("quorumBps", quorumBps_, 1, BPS / 2);
    }

    /// @notice Seconds of block time (ERC-6372).
    function clock() public view override returns (uint48) {
        return uint48(block.timestamp); // safe: seconds since 1970 pass 2^48 in nine million years
    }

    /// @notice Machine-readable description of `clock` (ERC-6372).
    // The name is ERC-6372's.
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    /// @notice Seconds from now to the second before the epoch in which the vote on a proposal made now opens.
    function votingDelay() public view override(Governor, GovernorSettings) returns (uint256) {
        uint256 earliest = block.timestamp + super.votingDelay();
        uint256 epoch = earliest < runClock.genesis() ? 0 : runClock.epochAt(earliest) + 1;
        return runClock.epochStart(epoch) - 1 - block.timestamp;
    }

    /// @notice Wei of votes that the proposals with this snapshot need; 0 for a time that no proposal has as its snapshot.
    function quorum(uint256 timepoint) public view override returns (uint256) {
        return (_supplies[timepoint] * quorumBps) / BPS;
    }

    /// @inheritdoc GovernorTimelockControl
    function state(uint256 proposalId) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposalId);
    }

    /// @inheritdoc GovernorTimelockControl
    function proposalNeedsQueuing(
        uint256 proposalId
    ) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @inheritdoc GovernorSettings
    function proposalThreshold() public view override(Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override returns (uint256 proposalId) {
        proposalId = super._propose(targets, values, calldatas, description, proposer);
        uint256 snapshot = proposalSnapshot(proposalId);
        if (_supplies[snapshot] == 0) _supplies[snapshot] = IERC20(token).totalSupply();
    }

    /// @dev What the account holds, or was delegated, itself.
    function _getVotes(address account, uint256 timepoint, bytes memory) internal view override returns (uint256) {
        return IVotes(token).getPastVotes(account, timepoint);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
