import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from "viem";
import { BEACON_TAGS, beacon, mixesSalts, xorSalts } from "../../../workers/protocol/beacon.ts";
import { vectors } from "./protocolVectors.ts";

const golden = vectors.beacons;

test("beacon, every use, golden values, all different", () => {
  assert.deepEqual({ ...BEACON_TAGS }, golden.tags);
  assert.equal(BEACON_TAGS.data, keccak256(toHex("weft.beacon.data")));
  assert.equal(beacon("data", golden), golden.data);
  assert.equal(beacon("rank", golden), golden.rank);
  assert.equal(beacon("eval", golden, golden.saltXor), golden.eval);
  assert.equal(beacon("audit", golden, golden.saltXor), golden.audit);
  assert.equal(new Set([golden.data, golden.rank, golden.eval, golden.audit]).size, 4);
});

test("beacon, data and eval, equal to abi.encode", () => {
  const { chainId, ledger, round, entropy, saltXor } = golden;
  const words = [BigInt(chainId), ledger, BigInt(round), entropy] as const;
  const plain = parseAbiParameters("bytes32,uint256,address,uint256,bytes32");
  const mixed = parseAbiParameters("bytes32,uint256,address,uint256,bytes32,bytes32");
  assert.equal(golden.data, keccak256(encodeAbiParameters(plain, [BEACON_TAGS.data, ...words])));
  assert.equal(golden.eval, keccak256(encodeAbiParameters(mixed, [BEACON_TAGS.eval, ...words, saltXor])));
});

test("mixesSalts, data and rank do not, eval and audit do", () => {
  const uses = ["data", "rank", "eval", "audit"] as const;
  assert.deepEqual(uses.map(mixesSalts), [false, false, true, true]);
});

test("xorSalts, none, one, a pair and equal ones", () => {
  const zero = `0x${"00".repeat(32)}`;
  const one = golden.entropy;
  assert.equal(xorSalts([]), zero);
  assert.equal(xorSalts([one]), one);
  assert.equal(xorSalts([one, golden.saltXor, one]), golden.saltXor);
  assert.equal(xorSalts([one, one]), zero);
});
