// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IMetagraph} from "./IMetagraph.sol";

/// @title IDirectory: what neurons say of themselves
/// @notice Names and addresses for people and peers to find each other. Nothing here is checked or counts in consensus, and
/// nothing is stored: readers take the latest event of a neuron. Texts are UTF-8 by convention and foreign: whoever shows
/// or dials one guards itself.
interface IDirectory {
    /// @notice Only the owner may name its neuron.
    error NotColdkey(uint256 neuronId, address caller, address coldkey);

    /// @notice `field` has more than `maximum` bytes.
    error TextTooLong(bytes32 field, uint256 length, uint256 maximum);

    /// @notice The neuron goes by this name and has this page; empty where it says nothing.
    event IdentitySet(uint256 indexed neuronId, string name, string url);

    /// @notice The worker of the neuron is reached here; empty where it is not.
    event EndpointSet(uint256 indexed neuronId, string endpoint);

    /// @notice Names a neuron. The caller is its coldkey.
    /// @param name At most 64 bytes.
    /// @param url At most 256 bytes.
    /// Errors: `IMetagraph.UnknownNeuron`, `NotColdkey`, `TextTooLong`.
    function setIdentity(uint256 neuronId, string calldata name, string calldata url) external;

    /// @notice Says where the worker of the caller, a hotkey, is reached, e.g. the multiaddress of its IPFS node.
    /// @param endpoint At most 256 bytes.
    /// Errors: `IMetagraph.NotRegistered`, `TextTooLong`.
    function setEndpoint(string calldata endpoint) external;

    /// @notice Whose neurons are named.
    function metagraph() external view returns (IMetagraph);
}
