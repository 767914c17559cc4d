import assert from "node:assert/strict";
import { createCipheriv, createHash } from "node:crypto";
import { it } from "node:test";
import fc from "fast-check";
import { importer } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { balanced } from "ipfs-unixfs-importer/layout";
import type { CID } from "multiformats/cid";
import { refFor, refFromCid, refOf } from "../../../workers/storage/contentRef.ts";
import { buildDag, rootOfParts } from "../../../workers/storage/dag.ts";
import { ContentError } from "../../../workers/storage/errors.ts";

/** The byte stream of Kubo's own CID tests: ChaCha20 keystream under sha256(seed). */
function keystream(size: number, seed: string): Uint8Array {
  const cipher = createCipheriv("chacha20", createHash("sha256").update(seed).digest(), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(size));
}

for (const [size, cid] of [
  [1 << 20, "bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmta"],
  [(1 << 20) + 1, "bafybeigmix7t42i6jacydtquhet7srwvgpizfg7gjbq7627d35mjomtu64"],
] as const)
  it(`refOf, Kubo's golden stream of ${size} bytes, gives Kubo's CID`, () => {
    assert.equal(refOf(keystream(size, "chunk-v1-seed")).cid, cid);
  });

it("buildDag, any size and shape, gives the blocks of ipfs-unixfs-importer", async () => {
  const shape = fc.record({
    size: fc.integer({ min: 0, max: 600 }),
    chunkBytes: fc.integer({ min: 1, max: 20 }),
    maxChildren: fc.integer({ min: 2, max: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ size, chunkBytes, maxChildren }) => {
      const bytes = keystream(size, "shape");
      const stored = new Set<string>();
      const blockstore = {
        put: async (cid: CID) => {
          stored.add(cid.toString());
          return cid;
        },
      };
      const options = {
        profile: "unixfs-v1-2025" as const,
        chunker: fixedSize({ chunkSize: chunkBytes }),
        layout: balanced({ maxChildrenPerNode: maxChildren }),
      };
      let root = "";
      for await (const entry of importer([{ content: bytes }], blockstore, options))
        root = entry.cid.toString();
      const dag = buildDag(bytes, { chunkBytes, maxChildren });
      assert.equal(dag.root.toString(), root);
      assert.deepEqual(new Set(dag.blocks.map((block) => block.cid.toString())), stored);
    }),
    { seed: 11, numRuns: 60 },
  );
});

it("rootOfParts, content cut anywhere, gives the root of the whole", () => {
  const shape = fc.record({
    size: fc.integer({ min: 0, max: 300 }),
    cuts: fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }),
    chunkBytes: fc.integer({ min: 1, max: 40 }),
  });
  fc.assert(
    fc.property(shape, ({ size, cuts, chunkBytes }) => {
      const bytes = keystream(size, "parts");
      const edges = [0, ...cuts.filter((cut) => cut <= size).sort((a, b) => a - b), size];
      const parts = edges.slice(1).map((end, index) => bytes.subarray(edges[index], end));
      const profile = { chunkBytes, maxChildren: 3 };
      assert.equal(rootOfParts(parts, profile).toString(), buildDag(bytes, profile).root.toString());
    }),
    { seed: 12, numRuns: 300 },
  );
});

it("refFor, sizes on both sides of a chunk, chooses raw and dag-pb", () => {
  const digest = refOf(new Uint8Array(5)).digest;
  assert.ok(refFor(digest, 1 << 20).cid.startsWith("bafkrei"));
  assert.ok(refFor(digest, (1 << 20) + 1).cid.startsWith("bafybei"));
});

it("refFor and refFromCid, malformed input, are BAD_REFERENCE", () => {
  const { cid, digest } = refOf(new Uint8Array(5));
  const isBadReference = (error: unknown) => error instanceof ContentError && error.code === "BAD_REFERENCE";
  assert.throws(() => refFor("0x12", 5), isBadReference);
  for (const size of [-1, 0.5, Number.NaN, 2 ** 53])
    assert.throws(() => refFor(digest, size), isBadReference, `size ${size}`);
  assert.throws(() => refFromCid(cid, 2 << 20), isBadReference);
  for (const text of ["", "not a cid", "QmUbBALi174SnogsUzLpYbD4xPiBSFANF4iztWCsHbMKh2", `${cid}a`])
    assert.throws(() => refFromCid(text, 5), isBadReference, text);
});
