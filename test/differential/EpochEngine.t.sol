// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IEpochEngine} from "../../contracts/interfaces/IEpochEngine.sol";
import {IMetagraph} from "../../contracts/interfaces/IMetagraph.sol";
import {NaiveYuma} from "../support/solidity/NaiveYuma.sol";
import {RunSystem} from "../support/solidity/RunSystem.sol";
import {YumaForm} from "../support/solidity/YumaForm.sol";

/// The real engine through four settlements with gaps, newcomers on new and on taken uids, a third validator, stake that
/// moves, rows cut and padded, validators that reveal nothing. What it emits is what the plain twin makes of matrices that
/// this test masks by its own record of who registered when.
contract EpochEngineDifferentialTest is RunSystem {
    uint256 private constant SETTLEMENTS = 4;
    uint256 private constant MAX_UIDS = 5;
    uint256 private constant MAX_ROW = 8;

    /// When the neuron on each uid registered.
    uint256[MAX_UIDS] private registeredAt;
    uint256 private nextHotkey = UIDS;

    struct Last {
        uint256[] neuronIds;
        uint256 columns;
        uint256[][] bonds;
        /// Start of the commit window of the last settled epoch.
        uint256 windowStart;
    }

    function setUp() public {
        _deployRun();
    }

    function testFuzz_settleEpoch_anyRun_isWhatThePlainTwinSays(uint256 seed) public {
        Last memory last;
        uint256 epoch = _draw(seed, 0) % 2;
        for (uint256 k = 0; k < SETTLEMENTS; k++) {
            uint256 salt = uint256(keccak256(abi.encode(seed, k)));
            last = _play(salt, epoch, last);
            epoch += 1 + (_draw(salt, 1) % 3);
        }
    }

    /// Lives through `epoch` and settles it.
    function _play(uint256 salt, uint256 epoch, Last memory last) private returns (Last memory) {
        uint256 window = (epoch + 1) * 3;
        _toRound(window - 1, 10);
        if (_draw(salt, 2) % 2 == 0) _newcomer(_draw(salt, 3) % 2 == 0);
        _stake(alice, 3 + (_draw(salt, 4) % 2), 1 + (_draw(salt, 5) % 300e18));

        _toRound(window, 0);
        uint256[] memory uids = _permitted(epoch);
        bytes[] memory rows = _rows(salt, uids.length);
        for (uint256 i = 0; i < uids.length; i++) _commitWeights(metagraph.neuronAt(uids[i]) - 1, epoch, rows[i]);
        if (_draw(salt, 6) % 4 == 0) _newcomer(false);

        _toRound(window + 1, 0);
        uint256 always = _draw(salt, 7) % uids.length;
        for (uint256 i = 0; i < uids.length; i++) {
            if (i != always && _draw(salt, 10 + i) % 4 == 0) rows[i] = "";
            else _revealWeights(metagraph.neuronAt(uids[i]) - 1, epoch, rows[i]);
        }
        _toRound(window + 2, 0);
        if (_draw(salt, 8) % 4 == 0) _newcomer(false);
        return _settleAndCompare(epoch, uids, rows, last);
    }

    function _settleAndCompare(
        uint256 epoch,
        uint256[] memory uids,
        bytes[] memory rows,
        Last memory last
    ) private returns (Last memory next) {
        next.neuronIds = new uint256[](uids.length);
        for (uint256 i = 0; i < uids.length; i++) next.neuronIds[i] = metagraph.neuronAt(uids[i]);
        (next.columns, next.windowStart) = (metagraph.uidCount(), GENESIS + (epoch + 1) * 300);
        NaiveYuma.Output memory expected = NaiveYuma.settle(_masked(epoch, uids, rows, last, next));
        next.bonds = expected.bonds;

        IEpochEngine.Witness memory witness;
        witness.rows = rows;
        witness.previous.neuronIds = last.neuronIds;
        witness.previous.columns = last.columns;
        witness.previous.bonds = YumaForm.packBonds(last.bonds);
        (witness.medianHints, witness.rankSum) = (expected.medianHints, expected.rankSum);
        bytes memory packed = YumaForm.packBonds(expected.bonds);
        vm.expectEmit(address(engine));
        emit IEpochEngine.EpochSettled(
            epoch,
            (epoch + 1) * 3 + 2,
            next.neuronIds,
            _u64(expected.incentive),
            _u64(expected.dividends),
            _u64(expected.consensus),
            packed
        );
        engine.settleEpoch(epoch, witness);
        vm.assertEq(engine.bondsHash(), keccak256(abi.encode(next.neuronIds, next.columns, keccak256(packed))));
        for (uint256 uid = 0; uid < next.columns; uid++) {
            vm.assertEq(metagraph.incentiveOf(uid), (expected.incentive[uid] * 65_535) >> 32, "incentive of a uid");
        }
    }

    /// The epoch as matrices: own and young entries are 0, bonds stand beside the neuron that had them.
    function _masked(
        uint256 epoch,
        uint256[] memory uids,
        bytes[] memory rows,
        Last memory last,
        Last memory next
    ) private view returns (NaiveYuma.Input memory input) {
        input.stakes = new uint256[](uids.length);
        input.weights = new uint256[][](uids.length);
        input.bonds = new uint256[][](uids.length);
        for (uint256 i = 0; i < uids.length; i++) {
            if (rows[i].length > 0) input.stakes[i] = stakes.stakeAt(next.neuronIds[i], epoch + 1);
            input.weights[i] = YumaForm.unpackRow(rows[i], next.columns);
            input.bonds[i] = new uint256[](next.columns);
            for (uint256 j = 0; j < next.columns; j++) {
                if (j == uids[i] || registeredAt[j] >= next.windowStart) input.weights[i][j] = 0;
                bool known = j < last.columns && registeredAt[j] < last.windowStart;
                if (known) input.bonds[i][j] = _bondThen(last, next.neuronIds[i], j);
            }
        }
        (input.kappa, input.alpha, input.bondsPenalty) = (KAPPA, ALPHA, true);
    }

    function _bondThen(Last memory last, uint256 neuronId, uint256 uid) private pure returns (uint256) {
        for (uint256 k = 0; k < last.neuronIds.length; k++) {
            if (last.neuronIds[k] == neuronId) return last.bonds[k][uid];
        }
        return 0;
    }

    /// Registers somebody where a uid is to be had; who `validates` stakes, and takes a seat where one is free.
    function _newcomer(bool validates) private {
        (uint256 index, bytes memory consent) = (nextHotkey, _consent(nextHotkey, alice, FOREVER));
        address hotkey = _hotkey(index);
        vm.prank(alice);
        try metagraph.register(hotkey, FOREVER, FOREVER, consent) returns (uint256 neuronId, uint256 uid) {
            vm.assertEq(neuronId, index + 1);
            nextHotkey++;
            registeredAt[uid] = block.timestamp;
            if (!validates) return;
            _stake(alice, neuronId, 150e18);
            vm.prank(hotkey);
            try metagraph.claimPermit(uid) {} catch {}
        } catch (bytes memory reason) {
            vm.assertTrue(bytes4(reason) == IMetagraph.NoReplaceableUid.selector, "a newcomer was refused");
        }
    }

    function _permitted(uint256 epoch) private view returns (uint256[] memory uids) {
        uint256 word = metagraph.permitsAt(epoch);
        uint256 count = 0;
        for (uint256 uid = 0; uid < MAX_UIDS; uid++) count += (word >> uid) & 1;
        uids = new uint256[](count);
        for (uint256 uid = MAX_UIDS; uid > 0; uid--) if ((word >> (uid - 1)) & 1 == 1) uids[--count] = uid - 1;
    }

    /// Rows of 1 to `MAX_ROW` weights, whatever the number of uids; a third of the entries are 0, a third are alike.
    function _rows(uint256 salt, uint256 count) private pure returns (bytes[] memory rows) {
        rows = new bytes[](count);
        for (uint256 i = 0; i < count; i++) {
            uint256[] memory row = new uint256[](1 + (_draw(salt, 20 + i) % MAX_ROW));
            for (uint256 j = 0; j < row.length; j++) {
                uint256 drawn = _draw(salt, 100 * (i + 1) + j);
                row[j] =
                    drawn % 3 == 0
                        ? 0
                        : drawn % 3 == 1
                            ? 7
                            : (drawn >> 8) % 65_536;
            }
            rows[i] = YumaForm.packRow(row);
        }
    }

    /// Big-endian u64 side by side.
    function _u64(uint256[] memory values) private pure returns (bytes memory packed) {
        for (uint256 k = 0; k < values.length; k++) packed = bytes.concat(packed, bytes8(uint64(values[k])));
    }

    function _draw(uint256 seed, uint256 salt) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }

    function _runParameters() internal pure override returns (IMetagraph.Parameters memory p) {
        p = super._runParameters();
        (p.maxUids, p.maxValidators) = (MAX_UIDS, 3);
    }
}
