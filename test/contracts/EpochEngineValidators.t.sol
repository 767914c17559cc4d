// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {NaiveYuma} from "../support/solidity/NaiveYuma.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";
import {YumaForm} from "../support/solidity/YumaForm.sol";

/// Two seats, of which one changes hands between two settlements.
contract EpochEngineValidatorsTest is RunSystem {
    function setUp() public {
        _deployRun();
    }

    /// uid 0 takes the seat of uid 2. uid 3, second before and now, stands behind a validator that had no bonds.
    function test_settleEpoch_validatorReplaced_eachGoesOnFromItsOwnBonds() public {
        bytes[] memory rows = _rows(_row(2), YumaForm.packRow(_two(10_000, 30_000)));
        uint256[][] memory first = _settleBy(0, _two(2, 3), rows, _zeros(), _noBonds());

        _stake(alice, 4, 400e18);
        _stake(alice, 1, 1000e18);
        _claimPermit(0);
        uint256[][] memory kept = _zeros();
        kept[1] = first[1];
        IEpochEngine.PreviousBonds memory previous;
        (previous.neuronIds, previous.columns, previous.bonds) = (_two(3, 4), UIDS, YumaForm.packBonds(first));
        uint256[][] memory second = _settleBy(2, _two(0, 3), _rows(_row(0), _row(3)), kept, previous);

        bytes32 packed = keccak256(YumaForm.packBonds(second));
        vm.assertEq(engine.bondsHash(), keccak256(abi.encode(_two(1, 4), UIDS, packed)));
    }

    /// @dev The validators on `uids` reveal `rows`, and the epoch settles. Returns the bonds that the plain form of consensus
    /// gives on top of `bonds`, which is what `previous` should come to.
    function _settleBy(
        uint256 epoch,
        uint256[] memory uids,
        bytes[] memory rows,
        uint256[][] memory bonds,
        IEpochEngine.PreviousBonds memory previous
    ) private returns (uint256[][] memory) {
        uint256 first = (epoch + 1) * 3;
        _toRound(first, 0);
        for (uint256 i = 0; i < 2; i++) _commitWeights(uids[i], epoch, rows[i]);
        _toRound(first + 1, 0);
        for (uint256 i = 0; i < 2; i++) _revealWeights(uids[i], epoch, rows[i]);
        _toRound(first + 2, 0);

        NaiveYuma.Input memory input;
        (input.stakes, input.weights, input.bonds) = (new uint256[](2), new uint256[][](2), bonds);
        for (uint256 i = 0; i < 2; i++) {
            input.stakes[i] = stakes.stakeAt(uids[i] + 1, epoch + 1);
            input.weights[i] = YumaForm.unpackRow(rows[i], UIDS);
            input.weights[i][uids[i]] = 0;
        }
        (input.kappa, input.alpha, input.bondsPenalty) = (KAPPA, ALPHA, true);
        NaiveYuma.Output memory output = NaiveYuma.settle(input);
        engine.settleEpoch(epoch, IEpochEngine.Witness(rows, previous, output.medianHints, output.rankSum));
        return output.bonds;
    }

    function _rows(bytes memory first, bytes memory second) private pure returns (bytes[] memory rows) {
        rows = new bytes[](2);
        (rows[0], rows[1]) = (first, second);
    }

    function _zeros() private pure returns (uint256[][] memory bonds) {
        bonds = new uint256[][](2);
        (bonds[0], bonds[1]) = (new uint256[](UIDS), new uint256[](UIDS));
    }

    function _runParameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = super._runParameters();
        p.maxValidators = 2;
    }
}
