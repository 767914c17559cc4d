// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IGated} from "./interfaces/IGated.sol";
import {Gate} from "./libraries/Gate.sol";

/// @title Gated
abstract contract Gated is IGated, AccessManaged {
    /// @inheritdoc IGated
    uint256 public constant MAX_PAUSE = 7 days;

    Gate internal _gate;

    modifier whenOpen() {
        _gate.requireOpen(block.timestamp);
        _;
    }

    /// @inheritdoc IGated
    function pause(uint256 until) external restricted {
        uint256 latest = block.timestamp + MAX_PAUSE;
        if (until <= block.timestamp || until > latest) revert PauseOutOfBounds(until, latest);
        _gate = _gate.paused(block.timestamp, until);
        emit Paused(msg.sender, until);
    }

    /// @inheritdoc IGated
    function unpause() external restricted {
        if (block.timestamp >= _gate.pausedUntil()) revert NotPaused();
        _gate = _gate.paused(block.timestamp, block.timestamp);
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IGated
    function pausedUntil() external view returns (uint256) {
        return _gate.pausedUntil();
    }

    /// @inheritdoc IGated
    function pausedDuring(uint256 from, uint256 to) external view returns (bool) {
        return _gate.pausedDuring(from, to);
    }
}
