// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IDirectory} from "./interfaces/IDirectory.sol";
import {IMetagraph} from "./interfaces/IMetagraph.sol";

/// @title Directory
contract Directory is IDirectory {
    uint256 private constant MAX_NAME_BYTES = 64;
    uint256 private constant MAX_ADDRESS_BYTES = 256;

    /// @inheritdoc IDirectory
    IMetagraph public immutable override metagraph;

    constructor(IMetagraph metagraph_) {
        metagraph = metagraph_;
    }

    /// @inheritdoc IDirectory
    function setIdentity(uint256 neuronId, string calldata name, string calldata url) external override {
        address coldkey = metagraph.coldkeyOf(neuronId);
        if (msg.sender != coldkey) revert NotColdkey(neuronId, msg.sender, coldkey);
        _requireLength("name", name, MAX_NAME_BYTES);
        _requireLength("url", url, MAX_ADDRESS_BYTES);
        emit IdentitySet(neuronId, name, url);
    }

    /// @inheritdoc IDirectory
    function setEndpoint(string calldata endpoint) external override {
        (uint256 neuronId, ) = metagraph.neuronOfHotkey(msg.sender);
        _requireLength("endpoint", endpoint, MAX_ADDRESS_BYTES);
        emit EndpointSet(neuronId, endpoint);
    }

    function _requireLength(bytes32 field, string calldata text, uint256 maximum) private pure {
        uint256 length = bytes(text).length;
        if (length > maximum) revert TextTooLong(field, length, maximum);
    }
}
