// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// How the inner loops of `Yuma` lay out words and memory. Constants of a file, because assembly in several libraries reads
// them.
//
// **Lanes.** A word holds three columns in lanes of 80 bits, at bits 0, 80 and 160; the top 16 bits stay 0. Fifteen
// columns, the group, are 30 bytes of u16 and five such triples. In a 32-byte word whose upper 30 bytes are the group,
// `(word >> 16·(k + 1)) & L16` is triple k: column 14 − k in lane 0, 9 − k in lane 1, 4 − k in lane 2.
//
// **Headroom.** No operation on a word carries from one lane into the next, since every lane stays within 80 bits:
// - weight: u16 · ceil(2^72 / t), t the row's sum. A weight is at most t, so the product is at most 2^72 + 2^16 < 2^73.
//   Shifted by 40 it is floor(w·2^32 / t) exactly: the excess w/2^40 < 2^−24 < 1/t never reaches the next integer. At
//   most 2^32, which `L33` cuts out.
// - comparison: C and W are at most 2^32, so C + 2^40 − W lies in (2^39, 2^41): bit 40, the guard, says W ≤ C.
// - stake below and up to the median: voting share · 2^40 and · 1; the shares sum to at most 2^32, so the lower sum stays
//   below 2^40 and the upper one below 2^73.
// - ranks and bonds: products of two Q32 numbers of at most ONE, 2^64 each, of which `LINT` keeps the whole part. Active
//   shares sum to at most ONE: Σ ≤ 2^64. A bond is at most alpha + (ONE − alpha) = ONE, 64 of them 2^70.
// - u16 from a bond: at most 2^64 · 65535 < 2^80.
// - bond from a u16: b · U16_TO_Q32 < 2^65; shifted by 32 it is floor(b·2^32 / 65535) for every u16 (tested for all).
//
// **Memory.** Scratch at fixed addresses (`YumaMemory.reserve`), then one record per validator: a head and its weights, zero
// padded to whole words. All arithmetic in assembly is unchecked, bounded as above; every memory access lies in the
// scratch, in a record or in a buffer that `YumaWork` names, all of them allocated through the free memory pointer.

// Columns of a group, and its bytes.
uint256 constant GROUP = 15;
uint256 constant GROUP_BYTES = 30;

// Scratch. Per triple of the current group, five words each:
uint256 constant SCRATCH = 0x600;
// C + 2^40 per lane.
uint256 constant MEDIANS = 0x600;
// Per lane voting shares with W < C from bit 0, those with W ≤ C from bit 40.
uint256 constant VOTES = 0x6a0;
// Σ mul(A, wc) · 2^32 per lane.
uint256 constant RANKS = 0x740;
// Σ E · 2^32 per lane.
uint256 constant HELD = 0x7e0;
// 15 × (Σ E, I), by triple, then by lane.
uint256 constant COLUMNS = 0x880;
// alpha, ONE − alpha; all ones where bonds grow by the weight as given, else 0.
uint256 constant ALPHA = 0xc40;
uint256 constant BETA = 0xc60;
uint256 constant UNCLIPPED = 0xc80;
uint256 constant SCRATCH_END = 0xca0;

// Record of a validator: offsets.
// ceil(2^72 / row sum).
uint256 constant INVERSE = 0x00;
// A.
uint256 constant ACTIVE = 0x20;
// a.
uint256 constant VOTING = 0x40;
// Σ_j mul(div(E, Σ E), I).
uint256 constant DIVIDEND = 0x60;
// Where in calldata its previous bonds of the first group lie.
uint256 constant PREVIOUS = 0x80;
// All ones, or 0 where the new bonds are cleared.
uint256 constant KEEP = 0xa0;
// Five words: E · 2^32 of the current group.
uint256 constant BONDS = 0xc0;
uint256 constant WEIGHTS = 0x160;

// A value in each lane. Literals, because assembly reads no other constants; `YumaLanes.t.sol` computes them.
uint256 constant L1 = 0x010000000000000000000100000000000000000001;
uint256 constant L16 = 0xffff0000000000000000ffff0000000000000000ffff;
uint256 constant L33 = 0x01ffffffff000000000001ffffffff000000000001ffffffff;
// The guard bits, 2^40.
uint256 constant LGUARD = 0x0100000000000000000001000000000000000000010000000000;
// Bits 32 to 79: the whole part of a Q32 number.
uint256 constant LINT = 0xffffffffffff00000000ffffffffffff00000000ffffffffffff00000000;
uint256 constant LANE = 0xffffffffffffffffffff;
uint256 constant U16_TO_Q32 = 0x01000100010002;
uint256 constant ONE = 0x0100000000;
// Beyond all calldata, where reading gives 0, with room for offsets on top.
uint256 constant NOWHERE = 1 << 255;

/// @notice What the loops work on.
/// @dev `hints` and `previousBonds` are calldata offsets, the others from `weightMask` on addresses of memory; the
/// records lie from `records` on, `stride` bytes each. `minority` is Σ a − kappa, `previousStep` the bytes of a group
/// in the previous bonds.
struct YumaWork {
    uint256 validators;
    uint256 columns;
    uint256 stride;
    uint256 minority;
    uint256 rankSum;
    uint256 hints;
    uint256 previousBonds;
    uint256 previousStep;
    uint256 weightMask;
    uint256 bondMask;
    uint256 records;
    uint256 consensus;
    uint256 incentive;
    uint256 newBonds;
}
