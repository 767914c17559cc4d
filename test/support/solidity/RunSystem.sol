// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EpochEngine} from "../../../contracts/EpochEngine.sol";
import {IEpochEngine} from "../../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../../contracts/interfaces/IMetagraph.sol";
import {MoneySystem} from "./MoneySystem.sol";
import {NaiveYuma} from "./NaiveYuma.sol";
import {YumaForm} from "./YumaForm.sol";

/// @notice A whole run: two miners on uids 0 and 1, two validators with 600 and 400 WEFT on uids 2 and 3, permitted from
/// epoch 0 on. Hotkey number k serves uid k, all for the coldkey alice. Rounds of 100 s, commit until 50, reveal until
/// 75; epochs of 3 rounds.
abstract contract RunSystem is MoneySystem {
    uint256 internal constant MINERS = 2;
    uint256 internal constant VALIDATORS = 2;
    uint256 internal constant UIDS = 4;

    /// @dev An update as the tests commit it; whoever commits it in whatever round, it is the same.
    bytes32 internal constant DIGEST = keccak256("digest");
    bytes32 internal constant DATA_ROOT = keccak256("data root");
    bytes32 internal constant SALT = keccak256("salt");
    uint256 internal constant SIZE = 4096;

    /// @dev Q32 of the engine's parameters.
    uint256 internal constant KAPPA = uint256(32_767 << 32) / 65_535;
    uint256 internal constant ALPHA = (1 << 32) - (uint256(900_000) << 32) / 1_000_000;

    EpochEngine internal engine;

    function _deployRun() internal {
        _deployContracts(_runParameters(), _emissionParameters());
        engine = _newEngine(IEpochEngine(address(0)));
        _link(address(engine));
        _approve(alice);
        _approve(bob);
        for (uint256 uid = 0; uid < UIDS; uid++) _register(alice, uid);
        _stake(alice, 3, 600e18);
        _stake(alice, 4, 400e18);
        _claimPermit(2);
        _claimPermit(3);
    }

    function _newEngine(IEpochEngine predecessor) internal returns (EpochEngine) {
        return
            new EpochEngine(metagraph, stakes, weights, emission, _engineParameters(), predecessor, address(manager));
    }

    function _runParameters() internal pure virtual returns (IMetagraph.Parameters memory p) {
        p = _metagraphParameters();
        (p.maxUids, p.maxValidators, p.maxRegistrationsPerEpoch) = (8, 4, 16);
    }

    /// @dev Moves to `offset` seconds into `round`.
    function _toRound(uint256 round, uint256 offset) internal {
        vm.warp(GENESIS + round * 100 + offset);
    }

    function _claimPermit(uint256 uid) internal {
        vm.prank(_hotkey(uid));
        metagraph.claimPermit(uid);
    }

    function _commitment(uint256 uid, uint256 round) internal view returns (bytes32) {
        return updates.updateCommitment(uid + 1, round, DIGEST, SIZE, DATA_ROOT, SALT);
    }

    /// @dev What the ledger keeps of a commitment announced with the usual content, before it is cut to 216 bits.
    function _bound(bytes32 commitment) internal pure returns (bytes32) {
        return keccak256(abi.encode(commitment, DIGEST, SIZE));
    }

    /// @dev Commits the update of the neuron on `uid` by its hotkey.
    function _commitUpdate(uint256 uid, uint256 round) internal {
        bytes32 commitment = _commitment(uid, round);
        vm.prank(_hotkey(uid));
        updates.commitUpdate(round, DIGEST, SIZE, commitment);
    }

    function _revealUpdate(uint256 uid, uint256 round) internal {
        vm.prank(_hotkey(uid));
        updates.revealUpdate(round, DIGEST, SIZE, DATA_ROOT, SALT);
    }

    /// @dev Weights of every test validator: 3 to 1 for uid 0, and a little for itself.
    function _row(uint256 uid) internal pure returns (bytes memory) {
        uint256[] memory row = new uint256[](UIDS);
        (row[0], row[1], row[uid]) = (30_000, 10_000, 7);
        return YumaForm.packRow(row);
    }

    function _commitWeights(uint256 uid, uint256 epoch, bytes memory row) internal {
        bytes32 commitment = weights.weightsCommitment(uid + 1, epoch, row, SALT);
        vm.prank(_hotkey(uid));
        weights.commitWeights(epoch, commitment, DIGEST, SIZE);
    }

    function _revealWeights(uint256 uid, uint256 epoch, bytes memory row) internal {
        vm.prank(_hotkey(uid));
        weights.revealWeights(epoch, row, SALT);
    }

    /// @dev Both validators commit and reveal `_row` for `epoch`; time then stands in the settlement's round.
    function _weigh(uint256 epoch) internal {
        uint256 first = (epoch + 1) * 3;
        _toRound(first, 0);
        for (uint256 uid = MINERS; uid < UIDS; uid++) _commitWeights(uid, epoch, _row(uid));
        _toRound(first + 1, 0);
        for (uint256 uid = MINERS; uid < UIDS; uid++) _revealWeights(uid, epoch, _row(uid));
        _toRound(first + 2, 0);
    }

    /// @dev Witness of an epoch in which both validators revealed `_row`, on top of `previous`.
    function _witness(
        IEpochEngine.PreviousBonds memory previous
    ) internal view returns (IEpochEngine.Witness memory witness) {
        witness.rows = new bytes[](VALIDATORS);
        for (uint256 i = 0; i < VALIDATORS; i++) witness.rows[i] = _row(MINERS + i);
        witness.previous = previous;
        _prove(witness, witness.rows, 0);
    }

    /// @dev Median hints and the sum of ranks of `witness` as if every validator had revealed what `rows` hold for it, none
    /// where a row is empty, on the stakes of now. Weights on the uids of `fresh` do not count.
    function _prove(IEpochEngine.Witness memory witness, bytes[] memory rows, uint256 fresh) internal view {
        NaiveYuma.Input memory epoch;
        epoch.stakes = new uint256[](rows.length);
        epoch.weights = new uint256[][](rows.length);
        epoch.bonds = new uint256[][](rows.length);
        uint256 columns = metagraph.uidCount();
        for (uint256 i = 0; i < rows.length; i++) {
            uint256 uid = MINERS + i;
            epoch.stakes[i] = rows[i].length == 0 ? 0 : _stakeAtLastBoundary(uid + 1);
            epoch.weights[i] = YumaForm.unpackRow(rows[i], columns);
            for (uint256 j = 0; j < columns; j++) if (j == uid || (fresh >> j) & 1 == 1) epoch.weights[i][j] = 0;
            epoch.bonds[i] = new uint256[](columns);
        }
        (epoch.kappa, epoch.alpha, epoch.bondsPenalty) = (KAPPA, ALPHA, true);
        NaiveYuma.Output memory output = NaiveYuma.settle(epoch);
        (witness.medianHints, witness.rankSum) = (output.medianHints, output.rankSum);
    }

    /// @dev Before genesis no boundary has passed.
    function _stakeAtLastBoundary(uint256 neuronId) private view returns (uint256) {
        return stakes.stakeAt(neuronId, metagraph.currentEpoch());
    }

    function _engineParameters() internal pure returns (IEpochEngine.Parameters memory) {
        return IEpochEngine.Parameters(32_767, 900_000, true, 4);
    }

    function _noBonds() internal pure returns (IEpochEngine.PreviousBonds memory none) {}

    /// @dev Bonds after a first settlement of `_row` by both validators: a tenth of the weight.
    function _firstBonds() internal pure returns (IEpochEngine.PreviousBonds memory previous) {
        previous.neuronIds = _two(3, 4);
        previous.columns = UIDS;
        uint256[][] memory bonds = new uint256[][](VALIDATORS);
        for (uint256 i = 0; i < VALIDATORS; i++) {
            bonds[i] = new uint256[](UIDS);
            (uint256 first, uint256 second) = (uint256(3 << 32) / 4, uint256(1 << 32) / 4);
            bonds[i][0] = (((ALPHA * first) >> 32) * 65_535) >> 32;
            bonds[i][1] = (((ALPHA * second) >> 32) * 65_535) >> 32;
        }
        previous.bonds = YumaForm.packBonds(bonds);
    }
}
