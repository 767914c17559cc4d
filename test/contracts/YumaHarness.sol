// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Yuma} from "../../contracts/libraries/Yuma.sol";
import {YumaMemory} from "../../contracts/libraries/YumaMemory.sol";
import {NaiveYuma} from "../support/solidity/NaiveYuma.sol";

/// Opens the libraries to tests, also in other languages.
contract YumaHarness {
    function settle(
        Yuma.Input calldata input,
        bytes[] calldata rows,
        bytes calldata bonds,
        bytes calldata hints
    ) external pure returns (Yuma.Output memory) {
        YumaMemory.reserve();
        Yuma.Input memory copy = input;
        return Yuma.settle(copy, rows, bonds, hints);
    }

    function naive(NaiveYuma.Input memory input) external pure returns (NaiveYuma.Output memory) {
        return NaiveYuma.settle(input);
    }
}
