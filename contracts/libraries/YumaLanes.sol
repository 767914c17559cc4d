// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// The linter does not see what assembly uses.
// solhint-disable no-unused-import
import {
    GROUP,
    GROUP_BYTES,
    MEDIANS,
    VOTES,
    RANKS,
    HELD,
    COLUMNS,
    ALPHA,
    BETA,
    UNCLIPPED,
    ACTIVE,
    VOTING,
    DIVIDEND,
    PREVIOUS,
    KEEP,
    BONDS,
    WEIGHTS,
    L1,
    L16,
    L33,
    LGUARD,
    LINT,
    LANE,
    U16_TO_Q32,
    YumaWork
} from "./YumaLayout.sol";
import {YumaMemory} from "./YumaMemory.sol";

/// @title YumaLanes
/// @notice The inner loops of `Yuma`: a group of 15 columns, three columns in a word. Layout and headroom of the lanes, which
/// all arithmetic here relies on instead of checks, stand in `YumaLayout.sol`.
library YumaLanes {
    // A group of columns, from `column` on

    /// @notice Consensus from the hinted validators' weights, and the group's accumulators at 0.
    /// @return bad The first column, plus one, whose hint names no validator; 0 if all do.
    function readHints(YumaWork memory work, uint256 column) internal pure returns (uint256 bad) {
        uint256 validators = work.validators;
        uint256 columns = work.columns;
        uint256 records = work.records;
        uint256 stride = work.stride;
        uint256 hints = work.hints;
        uint256 out = work.consensus + 32 * column;
        assembly ("memory-safe") {
            for {
                let q := MEDIANS
            } lt(q, VOTES) {
                q := add(q, 32)
            } {
                mstore(q, LGUARD)
            }
            for {
                let q := VOTES
            } lt(q, COLUMNS) {
                q := add(q, 32)
            } {
                mstore(q, 0)
            }
            let end := add(column, GROUP)
            if gt(end, columns) {
                end := columns
            }
            let lane := 160
            let q := add(MEDIANS, 128)
            for {} lt(column, end) {
                column := add(column, 1)
            } {
                let holder := byte(0, calldataload(add(hints, column)))
                if iszero(lt(holder, validators)) {
                    bad := add(column, 1)
                    break
                }
                let record := add(records, mul(holder, stride))
                let w := shr(240, mload(add(add(record, WEIGHTS), shl(1, column))))
                let c := shr(40, mul(w, mload(record))) // below 2^33, the row's sum being at least w
                mstore(out, c)
                out := add(out, 32)
                mstore(q, add(mload(q), shl(lane, c)))
                q := sub(q, 32)
                if lt(q, MEDIANS) {
                    q := add(MEDIANS, 128)
                    lane := sub(lane, 80)
                }
            }
        }
    }

    /// @notice The hot loop: every validator's weights and bonds of the group, three columns at a time.
    function addValidators(YumaWork memory work, uint256 column) internal pure {
        uint256 stride = work.stride;
        uint256 record = work.records;
        uint256 end = record + work.validators * stride;
        uint256 weights = WEIGHTS + 2 * column;
        uint256 previous = (column / GROUP) * work.previousStep;
        uint256 bonds = work.newBonds + 2 * column * work.validators;
        uint256 present = work.bondMask + 2 * column;
        assembly ("memory-safe") {
            // `w` and `b` are a triple of u16 weights and previous bonds, `k` = 32 · number of the triple; gives the new
            // u16 bonds.
            function triple(record_, w, b, k) -> next {
                let median := mload(add(MEDIANS, k))
                let weight := and(shr(40, mul(w, mload(record_))), L33)
                let distance := sub(median, weight)
                let within := and(distance, LGUARD) // guard bit: W ≤ C
                // min(W, C) = C − (C − W where W ≤ C, else 0); `within` − 2^-40 · `within` is 40 ones below the guard.
                let clipped := sub(xor(median, LGUARD), and(distance, sub(within, shr(40, within))))
                // W < C where one less than the distance still holds the guard bit.
                let below := shr(40, and(sub(distance, L1), LGUARD))
                let place := add(VOTES, k)
                mstore(place, add(mload(place), mul(mload(add(record_, VOTING)), add(within, below))))
                place := add(RANKS, k)
                mstore(place, add(mload(place), and(mul(mload(add(record_, ACTIVE)), clipped), LINT)))
                // `clipped`, or the weight where bonds grow unclipped.
                clipped := xor(clipped, and(xor(clipped, weight), mload(UNCLIPPED)))
                let bond := add(
                    and(mul(mload(ALPHA), clipped), LINT),
                    and(mul(mload(BETA), and(shr(32, mul(b, U16_TO_Q32)), L33)), LINT)
                )
                place := add(HELD, k)
                mstore(place, add(mload(place), bond))
                mstore(add(add(record_, BONDS), k), bond)
                next := and(shr(64, mul(bond, 65535)), L16)
            }
            present := mload(present)
            for {} lt(record, end) {
                record := add(record, stride)
            } {
                let w := mload(add(record, weights))
                let b := and(calldataload(add(mload(add(record, PREVIOUS)), previous)), present)
                let next := shl(16, triple(record, and(shr(16, w), L16), and(shr(16, b), L16), 0))
                next := or(next, shl(32, triple(record, and(shr(32, w), L16), and(shr(32, b), L16), 32)))
                next := or(next, shl(48, triple(record, and(shr(48, w), L16), and(shr(48, b), L16), 64)))
                next := or(next, shl(64, triple(record, and(shr(64, w), L16), and(shr(64, b), L16), 96)))
                next := or(next, shl(80, triple(record, and(shr(80, w), L16), and(shr(80, b), L16), 128)))
                // The two bytes beyond the group are overwritten by the next one, or lie in the spare word.
                mstore(bonds, and(next, mload(add(record, KEEP))))
                bonds := add(bonds, GROUP_BYTES)
            }
        }
    }

    /// @notice Checks the group's medians and gives its incentives.
    /// @return ranks Σ R of the group, Q32.
    /// @return bad The first column, plus one, whose hint is not the median; 0 if all are.
    function finishColumns(YumaWork memory work, uint256 column) internal pure returns (uint256 ranks, uint256 bad) {
        uint256 minority = work.minority;
        uint256 rankSum = work.rankSum;
        uint256 columns = work.columns;
        uint256 out = work.incentive + 32 * column;
        assembly ("memory-safe") {
            // Columns ascend as lanes descend and, within a lane, as triples descend.
            for {
                let lane := 160
            } lt(lane, 161) {
                lane := sub(lane, 80)
            } {
                for {
                    let k := 128
                } lt(k, 129) {
                    k := sub(k, 32)
                } {
                    let incentive := 0
                    if lt(column, columns) {
                        let votes := and(shr(lane, mload(add(VOTES, k))), LANE)
                        let wrong := or(gt(and(votes, 0xffffffffff), minority), iszero(gt(shr(40, votes), minority)))
                        if and(wrong, iszero(bad)) {
                            bad := add(column, 1)
                        }
                        let rank := shr(32, and(shr(lane, mload(add(RANKS, k))), LANE))
                        ranks := add(ranks, rank)
                        incentive := div(shl(32, rank), rankSum)
                        mstore(out, incentive)
                        out := add(out, 32)
                    }
                    let place := add(COLUMNS, add(mul(6, k), div(mul(64, lane), 80)))
                    mstore(place, shr(32, and(shr(lane, mload(add(HELD, k))), LANE)))
                    mstore(add(place, 32), incentive)
                    column := add(column, 1)
                }
            }
        }
    }

    /// @notice Adds the group's part of Σ_j mul(div(E, Σ E), I) to every validator's dividend.
    function addDividends(YumaWork memory work) internal pure {
        uint256 stride = work.stride;
        uint256 record = work.records;
        uint256 end = record + work.validators * stride;
        assembly ("memory-safe") {
            // A lane of bonds is E · 2^32, as div wants it; nobody's column divides by 0, which gives 0.
            function part(bond, place) -> share {
                share := shr(32, mul(div(bond, mload(place)), mload(add(place, 32))))
            }
            function three(bonds, place) -> share {
                share := part(and(bonds, LANE), place)
                share := add(share, part(and(shr(80, bonds), LANE), add(place, 64)))
                share := add(share, part(shr(160, bonds), add(place, 128)))
            }
            for {} lt(record, end) {
                record := add(record, stride)
            } {
                let place := add(record, BONDS)
                let dividend := mload(add(record, DIVIDEND))
                dividend := add(dividend, three(mload(place), COLUMNS))
                dividend := add(dividend, three(mload(add(place, 32)), add(COLUMNS, 192)))
                dividend := add(dividend, three(mload(add(place, 64)), add(COLUMNS, 384)))
                dividend := add(dividend, three(mload(add(place, 96)), add(COLUMNS, 576)))
                dividend := add(dividend, three(mload(add(place, 128)), add(COLUMNS, 768)))
                mstore(add(record, DIVIDEND), dividend)
            }
        }
    }

    // After the last group

    /// @notice D: each validator's dividend times its active share, divided by the sum of all.
    function dividends(YumaWork memory work) internal pure returns (uint256[] memory shares) {
        uint256 stride = work.stride;
        uint256 record = work.records;
        uint256 end = record + work.validators * stride;
        uint256 out;
        (shares, out) = YumaMemory.newWords(work.validators);
        assembly ("memory-safe") {
            let sum := 0
            for {
                let p := out
            } lt(record, end) {
                record := add(record, stride)
                p := add(p, 32)
            } {
                let dividend := shr(32, mul(mload(add(record, DIVIDEND)), mload(add(record, ACTIVE))))
                mstore(p, dividend)
                sum := add(sum, dividend)
            }
            end := add(out, shl(5, mload(shares)))
            for {} lt(out, end) {
                out := add(out, 32)
            } {
                mstore(out, div(shl(32, mload(out)), sum))
            }
        }
    }
}
