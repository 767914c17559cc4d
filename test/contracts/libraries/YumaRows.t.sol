// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Yuma} from "../../../contracts/libraries/Yuma.sol";
import {NaiveYuma} from "../../support/solidity/NaiveYuma.sol";
import {WeftTest} from "../../support/solidity/WeftTest.sol";
import {YumaForm} from "../../support/solidity/YumaForm.sol";
import {YumaHarness} from "../YumaHarness.sol";

/// Rows shorter than the uids.
contract YumaRowsTest is WeftTest {
    /// @dev So many that in calldata the next row begins where the missing tail would stand.
    uint256 private constant COLUMNS = 64;

    YumaHarness private harness = new YumaHarness();

    function test_settle_rowWithoutItsTail_readsNothingBeyondIt() public view {
        NaiveYuma.Input memory epoch;
        (epoch.stakes, epoch.weights, epoch.bonds) = (new uint256[](2), new uint256[][](2), new uint256[][](2));
        for (uint256 i = 0; i < 2; i++) {
            epoch.stakes[i] = (2 - i) * 1e18;
            (epoch.weights[i], epoch.bonds[i]) = (new uint256[](COLUMNS), new uint256[](COLUMNS));
        }
        (epoch.weights[0][0], epoch.weights[0][1]) = (30_000, 10_000);
        for (uint256 j = 0; j < COLUMNS; j++) epoch.weights[1][j] = 1000 + j;
        (epoch.kappa, epoch.alpha, epoch.bondsPenalty) = (uint256(32_767 << 32) / 65_535, 1 << 31, true);
        NaiveYuma.Output memory expected = NaiveYuma.settle(epoch);

        (Yuma.Input memory input, bytes[] memory rows, bytes memory bonds) = YumaForm.input(epoch, expected.rankSum);
        rows[0] = abi.encodePacked(uint16(30_000), uint16(10_000));
        Yuma.Output memory output = harness.settle(input, rows, bonds, expected.medianHints);
        vm.assertEq(output.consensus, expected.consensus);
        vm.assertEq(output.incentive, expected.incentive);
        vm.assertEq(output.dividends, expected.dividends);
    }
}
