// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAttestationLedger} from "./interfaces/IAttestationLedger.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";
import {Phased} from "./Phased.sol";

/// @title AttestationLedger
contract AttestationLedger is IAttestationLedger, Phased {
    IMetagraph private immutable metagraph;

    constructor(IMetagraph metagraph_) Phased(metagraph_.clock()) {
        metagraph = metagraph_;
    }

    /// @inheritdoc IAttestationLedger
    function attest(uint256 round, uint256 bitmap) external override {
        _requirePhase(round, clock.revealSeconds(), clock.period());
        (uint256 neuronId, uint256 uid) = metagraph.permittedNeuronOf(msg.sender, clock.epochOf(round));
        emit Attested(round, neuronId, uid, bitmap);
    }
}
