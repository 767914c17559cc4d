// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IDirectory} from "./interfaces/IDirectory.sol";
import {IEmission} from "./interfaces/IEmission.sol";
import {IEpochEngine} from "./interfaces/IEpochEngine.sol";
import {IFaultLedger} from "./interfaces/IFaultLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IPhased} from "./interfaces/IPhased.sol";
import {IRunRegistry} from "./interfaces/IRunRegistry.sol";
import {ISlashing} from "./interfaces/ISlashing.sol";
import {IStakeManager} from "./interfaces/IStakeManager.sol";
import {IUpdateLedger} from "./interfaces/IUpdateLedger.sol";
import {IWeftToken} from "./interfaces/IWeftToken.sol";
import {RoundClock} from "./libraries/RoundClock.sol";

/// @title RunRegistry
contract RunRegistry is IRunRegistry, AccessManaged {
    uint256 private constant AHEAD = 2;

    /// @inheritdoc IRunRegistry
    RoundClock public immutable override clock;

    /// @inheritdoc IRunRegistry
    uint256 public override endRound = type(uint256).max;

    Contracts private _contracts;
    Manifest private _earlier;
    Manifest private _latest;
    uint256 private _latestFrom;

    constructor(Contracts memory c, Manifest memory manifest_, address authority) AccessManaged(authority) {
        if (c.token.code.length == 0) revert NoCode(c.token);
        if (c.metagraph.code.length == 0) revert NoCode(c.metagraph);
        clock = IMetagraph(c.metagraph).clock();
        _requireClock(c.stakeManager);
        _requireClock(c.updateLedger);
        _requireClock(c.attestationLedger);
        _requireClock(c.weightLedger);
        _requireClock(c.epochEngine);
        _requireClock(c.emission);
        _requireWired(c);
        _requireEngine(c, c.epochEngine);
        _requireWhole(manifest_);
        _contracts = c;
        _latest = manifest_;
    }

    /// @inheritdoc IRunRegistry
    function announceManifest(Manifest calldata next, uint256 fromEpoch) external override restricted {
        _requireWhole(next);
        _requireAhead(fromEpoch);
        if (_latestFrom <= clock.epochAt(block.timestamp)) _earlier = _latest;
        (_latest, _latestFrom) = (next, fromEpoch);
        emit ManifestAnnounced(fromEpoch, next);
    }

    /// @inheritdoc IRunRegistry
    function announceEnd(uint256 endRound_) external override restricted {
        if (endRound != type(uint256).max) revert EndAnnounced(endRound);
        _requireAhead(clock.epochOf(endRound_));
        endRound = endRound_;
        emit EndOfRunAnnounced(endRound_);

        uint256 end = clock.start(endRound_ + 1);
        IUpdateLedger(_contracts.updateLedger).close(end);
        IEmission(_contracts.emission).end(end);
    }

    /// @inheritdoc IRunRegistry
    function replaceEpochEngine(address epochEngine) external override restricted {
        _requireClock(epochEngine);
        _requireEngine(_contracts, epochEngine);
        address former = _contracts.epochEngine;
        address predecessor = address(IEpochEngine(epochEngine).predecessor());
        if (predecessor != former) revert NotWired(epochEngine, predecessor, former);
        _contracts.epochEngine = epochEngine;
        emit EpochEngineReplaced(epochEngine);

        IMetagraph(_contracts.metagraph).setEpochEngine(epochEngine);
        IEmission(_contracts.emission).setEpochEngine(epochEngine);
    }

    /// @inheritdoc IRunRegistry
    function contracts() external view override returns (Contracts memory) {
        return _contracts;
    }

    /// @inheritdoc IRunRegistry
    function manifest() external view override returns (Manifest memory) {
        return manifestAt(clock.epochAt(block.timestamp));
    }

    /// @inheritdoc IRunRegistry
    function manifestAt(uint256 epoch) public view override returns (Manifest memory) {
        return epoch < _latestFrom ? _earlier : _latest;
    }

    function _requireAhead(uint256 epoch) private view {
        uint256 earliest = clock.epochAt(block.timestamp) + AHEAD;
        if (epoch < earliest) revert NotAnnouncedAhead(epoch, earliest);
    }

    function _requireWhole(Manifest memory manifest_) private pure {
        if (manifest_.hash == 0 || manifest_.digest == 0 || manifest_.size == 0) revert ManifestIncomplete();
    }

    /// Every contract of a run tells the same time. All of them have a `clock()` like `IPhased`'s.
    function _requireClock(address account) private view {
        if (account.code.length == 0) revert NoCode(account);
        RoundClock other = IPhased(account).clock();
        if (RoundClock.unwrap(other) != RoundClock.unwrap(clock)) revert ClockMismatch(account);
    }

    /// What was linked by hand is linked to each other.
    function _requireWired(Contracts memory c) private view {
        IWeftToken token = IWeftToken(c.token);
        _require(c.token, token.minter(), c.emission);
        IStakeManager stakeManager = IStakeManager(c.stakeManager);
        _require(c.stakeManager, address(stakeManager.token()), c.token);
        _require(c.stakeManager, stakeManager.metagraph(), c.metagraph);
        _require(c.stakeManager, stakeManager.emission(), c.emission);
        _require(c.stakeManager, stakeManager.slashing(), c.slashing);
        IMetagraph metagraph = IMetagraph(c.metagraph);
        _require(c.metagraph, address(metagraph.token()), c.token);
        _require(c.metagraph, metagraph.stakeManager(), c.stakeManager);
        _require(c.metagraph, metagraph.epochEngine(), c.epochEngine);
        _require(c.metagraph, metagraph.vault(), c.vault);
        _require(c.metagraph, metagraph.updateLedger(), c.updateLedger);
        _require(c.metagraph, metagraph.weightLedger(), c.weightLedger);
        IEmission emission = IEmission(c.emission);
        _require(c.emission, emission.metagraph(), c.metagraph);
        _require(c.emission, emission.stakeManager(), c.stakeManager);
        _require(c.emission, emission.epochEngine(), c.epochEngine);
        _require(c.updateLedger, IFaultLedger(c.updateLedger).slashing(), c.slashing);
        _require(c.weightLedger, IFaultLedger(c.weightLedger).slashing(), c.slashing);
        _require(c.slashing, ISlashing(c.slashing).challenge(), c.challenge);
        if (c.checkpointLedger.code.length == 0) revert NoCode(c.checkpointLedger);
        if (c.directory.code.length == 0) revert NoCode(c.directory);
        _require(c.directory, address(IDirectory(c.directory).metagraph()), c.metagraph);
    }

    /// An engine settles what these contracts hold.
    function _requireEngine(Contracts memory c, address account) private view {
        IEpochEngine engine = IEpochEngine(account);
        _require(account, address(engine.metagraph()), c.metagraph);
        _require(account, address(engine.stakeManager()), c.stakeManager);
        _require(account, address(engine.weightLedger()), c.weightLedger);
        _require(account, address(engine.emission()), c.emission);
    }

    function _require(address account, address found, address expected) private pure {
        if (found != expected) revert NotWired(account, found, expected);
    }
}
