// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Yuma} from "../../../contracts/libraries/Yuma.sol";
import {NaiveYuma} from "./NaiveYuma.sol";

/// @notice Between matrices and the packed form in which the production `Yuma` takes and gives them.
library YumaForm {
    uint256 private constant GROUP = 15;

    /// @notice `row` as big-endian u16.
    function packRow(uint256[] memory row) internal pure returns (bytes memory packed) {
        packed = new bytes(2 * row.length);
        for (uint256 j = 0; j < row.length; j++) _write(packed, j, row[j]);
    }

    /// @notice Big-endian u16 of `packed` for `columns` uids; a missing tail is 0.
    function unpackRow(bytes memory packed, uint256 columns) internal pure returns (uint256[] memory row) {
        row = new uint256[](columns);
        for (uint256 j = 0; j < columns && 2 * j < packed.length; j++) row[j] = _read(packed, j);
    }

    /// @notice Bonds by groups of 15 columns, inside a group validator after validator.
    function packBonds(uint256[][] memory bonds) internal pure returns (bytes memory packed) {
        uint256 columns = bonds.length == 0 ? 0 : bonds[0].length;
        uint256 groups = (columns + GROUP - 1) / GROUP;
        packed = new bytes(2 * GROUP * groups * bonds.length);
        for (uint256 i = 0; i < bonds.length; i++) {
            for (uint256 j = 0; j < columns; j++) _write(packed, _place(i, j, bonds.length), bonds[i][j]);
        }
    }

    function unpackBonds(
        bytes memory packed,
        uint256 validators,
        uint256 columns
    ) internal pure returns (uint256[][] memory bonds) {
        bonds = new uint256[][](validators);
        for (uint256 i = 0; i < validators; i++) {
            bonds[i] = new uint256[](columns);
            for (uint256 j = 0; j < columns; j++) bonds[i][j] = _read(packed, _place(i, j, validators));
        }
    }

    /// @notice The production form of an epoch in which nothing is masked. `own` columns lie beyond all uids.
    function input(
        NaiveYuma.Input memory epoch,
        uint256 rankSum
    ) internal pure returns (Yuma.Input memory packed, bytes[] memory rows, bytes memory bonds) {
        uint256 validators = epoch.stakes.length;
        packed.columns = epoch.weights[0].length;
        packed.stakes = epoch.stakes;
        packed.ownColumns = new uint256[](validators);
        packed.previousIndex = new uint256[](validators);
        rows = new bytes[](validators);
        for (uint256 i = 0; i < validators; i++) {
            (packed.ownColumns[i], packed.previousIndex[i]) = (packed.columns, i);
            rows[i] = packRow(epoch.weights[i]);
        }
        (packed.previousValidators, packed.previousColumns) = (validators, packed.columns);
        (packed.kappa, packed.alpha, packed.bondsPenalty) = (epoch.kappa, epoch.alpha, epoch.bondsPenalty);
        packed.rankSum = rankSum;
        bonds = packBonds(epoch.bonds);
    }

    function sum(uint256[] memory values) internal pure returns (uint256 total) {
        for (uint256 k = 0; k < values.length; k++) total += values[k];
    }

    function _place(uint256 i, uint256 j, uint256 validators) private pure returns (uint256) {
        return GROUP * (validators * (j / GROUP) + i) + (j % GROUP);
    }

    function _read(bytes memory packed, uint256 k) private pure returns (uint256) {
        return (uint256(uint8(packed[2 * k])) << 8) | uint8(packed[2 * k + 1]);
    }

    function _write(bytes memory packed, uint256 k, uint256 value) private pure {
        packed[2 * k] = bytes1(uint8(value >> 8));
        packed[2 * k + 1] = bytes1(uint8(value));
    }
}
