// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {IPhased} from "./interfaces/IPhased.sol";
import {IRunRegistry} from "./interfaces/IRunRegistry.sol";
import {RoundClock} from "./libraries/RoundClock.sol";

/// @title RunRegistry
contract RunRegistry is IRunRegistry {
    /// @inheritdoc IRunRegistry
    RoundClock public immutable override clock;

    Contracts private _contracts;
    Manifest private _manifest;

    constructor(Contracts memory contracts_, Manifest memory manifest_) {
        if (contracts_.token.code.length == 0) revert NoCode(contracts_.token);
        if (contracts_.metagraph.code.length == 0) revert NoCode(contracts_.metagraph);
        clock = IMetagraph(contracts_.metagraph).clock();
        _requireClock(contracts_.stakeManager);
        _requireClock(contracts_.updateLedger);
        _requireClock(contracts_.attestationLedger);
        _requireClock(contracts_.weightLedger);
        _requireClock(contracts_.epochEngine);
        _requireClock(contracts_.emission);
        if (manifest_.hash == 0 || manifest_.digest == 0 || manifest_.size == 0) revert ManifestIncomplete();
        _contracts = contracts_;
        _manifest = manifest_;
    }

    /// @inheritdoc IRunRegistry
    function contracts() external view override returns (Contracts memory) {
        return _contracts;
    }

    /// @inheritdoc IRunRegistry
    function manifest() external view override returns (Manifest memory) {
        return _manifest;
    }

    /// Every contract of a run tells the same time. All of them have a `clock()` like `IPhased`'s.
    function _requireClock(address account) private view {
        if (account.code.length == 0) revert NoCode(account);
        RoundClock other = IPhased(account).clock();
        if (RoundClock.unwrap(other) != RoundClock.unwrap(clock)) revert ClockMismatch(account);
    }
}
