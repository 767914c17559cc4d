import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodePacked, type Hex, keccak256, parseAbiParameters } from "viem";
import { dataRoot, sliceProof } from "../../../workers/protocol/dataRoot.ts";
import { vectorContent, vectors } from "./protocolVectors.ts";

/** The tree as DESIGN §7 words it, recursively. */
function naiveRoot(content: Uint8Array): Hex {
  const count = Math.ceil(content.length / 1024);
  const types = parseAbiParameters("bytes1,uint32,uint32,uint16,bytes32").map(({ type }) => type);
  const leaves = Array.from({ length: count }, (_, index) => {
    const slice = content.slice(index * 1024, index * 1024 + 1024);
    return keccak256(encodePacked(types, ["0x00", index, count, slice.length, keccak256(slice)]));
  });
  const up = (level: Hex[]): Hex => {
    if (level.length === 1) return level[0];
    const next: Hex[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const pair = level.slice(i, i + 2);
      const joined = encodePacked(["bytes1", "bytes32", "bytes32"], ["0x01", pair[0], pair[1] ?? pair[0]]);
      next.push(pair.length === 2 ? keccak256(joined) : pair[0]);
    }
    return up(next);
  };
  return up(leaves);
}

test("dataRoot, vectors, golden root and the naive tree's", () => {
  for (const { length, root } of vectors.dataRoots) {
    assert.equal(dataRoot(vectorContent(length)), root, `${length} bytes`);
    assert.equal(naiveRoot(vectorContent(length)), root, `${length} bytes`);
  }
});

test("dataRoot, one byte changed or appended, another root", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), fc.nat(), (content, place) => {
      const changed = Uint8Array.from(content);
      changed[place % content.length] ^= 1;
      const longer = Uint8Array.from([...content, 0]);
      assert.equal(new Set([content, changed, longer].map(dataRoot)).size, 3);
    }),
    { seed: 5, numRuns: 60 },
  );
});

test("dataRoot, no bytes, CONTENT_EMPTY", () => {
  assert.throws(() => dataRoot(new Uint8Array(0)), { code: "CONTENT_EMPTY" });
});

/** Root that a slice and its siblings lead to, as `MerkleSlices.rootOf` computes it. */
function rootByProof(length: number, index: number, slice: Uint8Array, proof: readonly Hex[]): Hex {
  const count = Math.ceil(length / 1024);
  const types = parseAbiParameters("bytes1,uint32,uint32,uint16,bytes32").map(({ type }) => type);
  let node = keccak256(encodePacked(types, ["0x00", index, count, slice.length, keccak256(slice)]));
  const left = [...proof];
  for (let width = count, at = index; width > 1; width = Math.ceil(width / 2), at >>= 1) {
    if (at === width - 1 && width % 2 === 1) continue;
    const sibling = left.shift() ?? "0x";
    const [first, second] = at % 2 === 0 ? [node, sibling] : [sibling, node];
    node = keccak256(encodePacked(["bytes1", "bytes32", "bytes32"], ["0x01", first, second]));
  }
  assert.equal(left.length, 0, "every sibling is used");
  return node;
}

test("sliceProof, any slice of any content, leads to the data root", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.nat(), (length, place) => {
      const content = new Uint8Array(length).map((_, i) => (i * 31 + (i >> 8)) & 255);
      const index = place % Math.ceil(length / 1024);
      const { slice, proof } = sliceProof(content, index);
      assert.equal(rootByProof(length, index, slice, proof), dataRoot(content));
    }),
  );
});

test("sliceProof, a slice beyond the content or no content, refused", () => {
  assert.throws(() => sliceProof(new Uint8Array(1024), 1), { code: "MERKLE_INDEX" });
  assert.throws(() => sliceProof(new Uint8Array(0), 0), { code: "CONTENT_EMPTY" });
});
