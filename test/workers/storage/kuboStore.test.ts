import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { create } from "ipfs-http-client";
import { CID } from "multiformats/cid";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { FileBlockstore } from "../../../workers/storage/blockstore.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { KuboStore } from "../../../workers/storage/kuboStore.ts";
import { contentStoreCompliance, patternBytes } from "../../support/contentStoreCompliance.ts";
import { damageBlock, findKubo, type KuboDaemon, startKubo } from "../../support/kuboDaemon.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const signal = new AbortController().signal;
const network = { fetch, clock: systemClock, stallMs: 2000, blockMs: 60_000 };
const found = await findKubo();
console.log("missing" in found ? `kubo: not run (${found.missing})` : "kubo: ran");

it("KuboStore, no daemon at the address, is STORE_UNAVAILABLE and retryable", async () => {
  const store = new KuboStore({ ...network, api: new URL("http://127.0.0.1:9") });
  const ref = refOf(patternBytes(10));
  const unavailable = (error: unknown) =>
    error instanceof StoreError && error.code === "STORE_UNAVAILABLE" && error.retryable;
  await assert.rejects(store.put(patternBytes(10), { signal }), unavailable);
  await assert.rejects(store.get(ref, { maxBytes: 10, signal }), (error) => error instanceof Error);
});

describe("KuboStore with a real daemon", { skip: "missing" in found ? found.missing : false }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "weft-kubo-"));
  const daemons: KuboDaemon[] = [];
  const storeOn = (daemon: KuboDaemon, cache?: FileBlockstore) =>
    new KuboStore({ ...network, api: daemon.api, ...(cache !== undefined && { cache }) });

  before(async () => {
    if ("missing" in found) return;
    for (const name of ["first", "second"]) {
      daemons.push(await startKubo(found.binary, path.join(folder, name)));
    }
    await daemons[0].connectTo(daemons[1]);
  });
  after(async () => {
    for (const daemon of daemons) await daemon.stop();
    rmSync(folder, { recursive: true });
  });

  contentStoreCompliance("KuboStore", async () => ({
    store: storeOn(daemons[0]),
    reopen: async () => storeOn(daemons[0]),
    damage: async (ref) => damageBlock(daemons[0].repository, ref),
    remove: async (ref) => {
      const client = create({ url: new URL(daemons[0].api) });
      await client.pin.rm(CID.parse(ref.cid));
      for await (const { error } of client.block.rm(CID.parse(ref.cid), { force: true }))
        assert.equal(error, undefined);
    },
  }));

  it("put, any size, is pinned under the CID that Kubo itself gives the bytes", async () => {
    const client = create({ url: new URL(daemons[0].api) });
    for (const size of [0, 1 << 20, (1 << 20) + 1, 5 << 20]) {
      const bytes = patternBytes(size);
      const ref = await storeOn(daemons[0]).put(bytes, { signal });
      const options = { cidVersion: 1, rawLeaves: true, chunker: "size-1048576", onlyHash: true } as const;
      const { cid } = await client.add(bytes, options);
      assert.equal(cid.toString(), ref.cid, `${size} bytes`);
      const pins = await Array.fromAsync(client.pin.ls({ paths: CID.parse(ref.cid) }));
      assert.equal(pins[0].type, "recursive");
    }
  });

  it("get, 100 MB put through another daemon, arrives whole and stays in the cache", async (test) => {
    const bytes = patternBytes(100_000_000);
    const ref = await storeOn(daemons[0]).put(bytes, { signal });
    const cache = new FileBlockstore(temporaryFolder(test));
    const got = await storeOn(daemons[1], cache).get(ref, { maxBytes: bytes.length, signal });
    assert.ok(Buffer.from(bytes).equals(got));
    const nowhere = new KuboStore({ ...network, api: new URL("http://127.0.0.1:9"), cache });
    assert.equal((await nowhere.get(ref, { maxBytes: bytes.length, signal })).length, bytes.length);
  });

  it("unpin, content pinned, unpinned or never there, leaves it unpinned; pin has it pinned again", async () => {
    const client = create({ url: new URL(daemons[0].api) });
    const pinned = async (cid: string) => {
      for await (const pin of client.pin.ls({ type: "recursive" }))
        if (pin.cid.toString() === cid) return true;
      return false;
    };
    const store = storeOn(daemons[0]);
    const { cid } = await store.put(patternBytes(4321), { signal });
    await store.unpin(cid, { signal });
    await store.unpin(cid, { signal });
    assert.equal(await pinned(cid), false);
    await store.unpin(refOf(patternBytes(4322)).cid, { signal });
    await store.pin(cid, { signal });
    assert.equal(await pinned(cid), true);
    const nowhere = new KuboStore({ ...network, api: new URL("http://127.0.0.1:9") });
    await assert.rejects(
      nowhere.unpin(cid, { signal }),
      (error) => error instanceof StoreError && error.code === "STORE_UNAVAILABLE",
    );
  });

  it("get, through the daemon's own trustless gateway, is read and verified block by block", async () => {
    const bytes = patternBytes(3 << 20);
    const ref = await storeOn(daemons[0]).put(bytes, { signal });
    const store = new KuboStore({
      ...network,
      api: new URL("http://127.0.0.1:9"),
      gateways: [daemons[0].gateway],
    });
    assert.ok(Buffer.from(bytes).equals(await store.get(ref, { maxBytes: bytes.length, signal })));
  });
});
