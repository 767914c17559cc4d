// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Yuma} from "../../contracts/libraries/Yuma.sol";

/// Opens the library to tests in other languages.
contract YumaHarness {
    function settle(Yuma.Input memory input) external pure returns (Yuma.Output memory) {
        return Yuma.settle(input);
    }
}
