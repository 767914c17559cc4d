import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import fc from "fast-check";
import { BackOff } from "../../../workers/storage/backOff.ts";
import type { BlockSource } from "../../../workers/storage/blocks.ts";
import { FileBlockstore } from "../../../workers/storage/blockstore.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";
import { buildDag } from "../../../workers/storage/dag.ts";
import { ContentMissingError, StoreError } from "../../../workers/storage/errors.ts";
import { type Fetch, gatewayBlocks } from "../../../workers/storage/httpBlocks.ts";
import { parallelBlocks, readVerified } from "../../../workers/storage/reader.ts";
import { cachedIn, firstOf } from "../../../workers/storage/sources.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { ManualClock } from "../../support/ManualClock.ts";
import { verifying } from "../../support/memoryBlocks.ts";
import { never } from "../../support/scriptedRun.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const content = patternBytes((12 << 20) + 17);
const ref = refOf(content);
const blocks = new Map(buildDag(content).blocks.map(({ cid, bytes }) => [cid.toString(), bytes]));
const options = { maxBytes: content.length, signal: never };
const seeded = { seed: 5, numRuns: 25 } as const;

const bytesOf = (cid: string): Uint8Array => blocks.get(cid) ?? assert.fail(`no block ${cid}`);

it("readVerified, blocks arriving in any order, gives the content, never more than the window in flight", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const asked: string[] = [];
      let [inFlight, most] = [0, 0];
      const source: BlockSource = async (cid) => {
        asked.push(cid.toString());
        most = Math.max(most, ++inFlight);
        await scheduler.schedule(Promise.resolve(), cid.toString());
        inFlight--;
        return bytesOf(cid.toString());
      };
      const read = await scheduler.waitFor(readVerified(ref, verifying(source), options));
      assert.ok(Buffer.from(content).equals(read));
      assert.equal(most, parallelBlocks);
      assert.deepEqual(asked.toSorted(), [...blocks.keys()].toSorted(), "each block once");
    }),
    seeded,
  );
});

it("readVerified, sources that lack, damage or fail at random, reads what one of them has", async () => {
  const fault = fc.constantFrom("none", "lacks", "damages", "fails");
  const faults = fc.array(fault, { minLength: 3 * blocks.size, maxLength: 3 * blocks.size });
  const cids = [...blocks.keys()];
  await fc.assert(
    fc.asyncProperty(faults, async (table) => {
      const sources = [0, 1, 2].map((index) => ({
        name: String(index),
        read: async (...[cid]: Parameters<BlockSource>) => {
          const kind = table[index * cids.length + cids.indexOf(cid.toString())];
          if (kind === "lacks") throw new ContentMissingError("CONTENT_MISSING", "none");
          if (kind === "fails") throw new StoreError("STORE_UNAVAILABLE", "down");
          return kind === "damages" ? Uint8Array.of(1) : bytesOf(cid.toString());
        },
      }));
      const whole = cids.every((_, at) =>
        [0, 1, 2].some((index) => table[index * cids.length + at] === "none"),
      );
      const read = readVerified(ref, firstOf(sources, new BackOff(new ManualClock())), options);
      if (whole) assert.ok(Buffer.from(content).equals(await read));
      else
        await assert.rejects(
          read,
          (error) => error instanceof ContentMissingError && error.code === "CONTENT_MISSING",
        );
    }),
    seeded,
  );
});

/** Gateways `silent.invalid`, which never answers, `drip.invalid`, a byte a second, and `good.invalid`. */
function network(clock: ManualClock): { fetch: Fetch; asked: Record<string, number> } {
  const asked: Record<string, number> = {};
  const fetch: Fetch = async (url, { signal }) => {
    asked[url.hostname] = (asked[url.hostname] ?? 0) + 1;
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
    if (url.hostname === "silent.invalid") return aborted;
    aborted.catch(() => {});
    if (url.hostname === "good.invalid") return new Response(bytesOf(url.pathname.split("/")[2]).slice());
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      await clock.sleep(1000, signal ?? never).catch((error) => controller.error(error));
      if (!signal?.aborted) controller.enqueue(Uint8Array.of(0));
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  };
  return { fetch, asked };
}

for (const [host, ms] of [
  ["silent.invalid", 15_000],
  ["drip.invalid", 60_000],
] as const)
  it(`firstOf, ${host}, is left for the next after ${ms} ms and then asked last`, async () => {
    const clock = new ManualClock();
    const { fetch, asked } = network(clock);
    const limits = { fetch, clock, stallMs: 15_000, blockMs: 60_000 };
    const sources = [host, "good.invalid"].map((name) => ({
      name,
      read: gatewayBlocks(new URL(`http://${name}`), limits),
    }));
    const reading = readVerified(ref, firstOf(sources, new BackOff(clock)), options);
    await clock.advance(ms - 1);
    assert.deepEqual(asked, { [host]: 1 });
    await clock.advance(1);
    assert.ok(Buffer.from(content).equals(await reading));
    assert.deepEqual(asked, { [host]: 1, "good.invalid": blocks.size });
  });

it("cachedIn, a read that failed in the middle, is gone on with where it stopped", async (test) => {
  const cache = new FileBlockstore(temporaryFolder(test));
  const asked: string[] = [];
  let left = 6;
  const source: BlockSource = async (cid) => {
    if (left-- <= 0) throw new ContentMissingError("CONTENT_MISSING", "gone");
    asked.push(cid.toString());
    return bytesOf(cid.toString());
  };
  await assert.rejects(
    readVerified(ref, cachedIn(cache, verifying(source)), options),
    (error) => error instanceof ContentMissingError,
  );
  left = Number.POSITIVE_INFINITY;
  assert.ok(
    Buffer.from(content).equals(await readVerified(ref, cachedIn(cache, verifying(source)), options)),
  );
  assert.deepEqual(asked.toSorted(), [...blocks.keys()].toSorted(), "no block twice");
});

const stored = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(raw|pb)$/.test(name));

it("LocalStore.get, killed with SIGKILL in the middle, fetches only what is missing afterwards", async (test) => {
  const folder = temporaryFolder(test);
  const served = 5;
  const asked: string[] = [];
  const held: ServerResponse[] = [];
  let holding = true;
  const server = createServer((request, response) => {
    const cid = (request.url ?? "").split("/")[2].split("?")[0];
    asked.push(cid);
    if (holding && asked.length > served) held.push(response);
    else response.end(bytesOf(cid));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const download = (): ChildProcess =>
    fork("test/support/contentDownloader.ts", [folder, url, ref.cid, String(ref.size)], { stdio: "ignore" });
  const killed = download();
  const exit = once(killed, "exit");
  while (held.length < parallelBlocks || stored(folder).length < served)
    await new Promise((resolve) => setTimeout(resolve, 10));
  killed.kill("SIGKILL");
  await exit;
  const kept = stored(folder).length;
  assert.equal(kept, served);
  holding = false;
  const before = asked.splice(0).slice(0, served);
  const [code] = await once(download(), "exit");
  assert.equal(code, 0);
  assert.deepEqual([...before, ...asked].toSorted(), [...blocks.keys()].toSorted(), "no block twice");
});
