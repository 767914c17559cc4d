import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { it, type TestContext } from "node:test";
import * as raw from "multiformats/codecs/raw";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { cidOfBlock } from "../../../workers/storage/dag.ts";
import { ContentMissingError, StoreError } from "../../../workers/storage/errors.ts";
import { gatewayBlocks, kuboBlocks } from "../../../workers/storage/httpBlocks.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";

const bytes = patternBytes(5000);
const cid = cidOfBlock(raw.code, bytes);
const options = { fetch, clock: systemClock, stallMs: 300, blockMs: 60_000 };
const limits = { maxBytes: 10_000, signal: new AbortController().signal };

/** A server on loopback for one test. */
async function serving(test: TestContext, answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new URL(`http://127.0.0.1:${port}/base`);
}

function unavailable(error: unknown): boolean {
  return error instanceof StoreError && error.code === "STORE_UNAVAILABLE" && error.retryable;
}

it("gatewayBlocks, a block, asks for its raw form below the gateway's path", async (test) => {
  const asked: (string | undefined)[] = [];
  const url = await serving(test, (request, response) => {
    asked.push(request.method, request.url, request.headers.accept);
    response.end(bytes);
  });
  const block = await gatewayBlocks(url, options)(cid, limits);
  assert.ok(Buffer.from(bytes).equals(block));
  assert.deepEqual(asked, ["GET", `/base/ipfs/${cid}?format=raw`, "application/vnd.ipld.raw"]);
});

it("kuboBlocks, online and offline, post to block/get", async (test) => {
  const asked: (string | undefined)[] = [];
  const url = await serving(test, (request, response) => {
    asked.push(request.method, request.url);
    response.end(bytes);
  });
  await kuboBlocks(url, false, options)(cid, limits);
  await kuboBlocks(url, true, options)(cid, limits);
  const path = `/base/api/v0/block/get?arg=${cid}`;
  assert.deepEqual(asked, ["POST", path, "POST", `${path}&offline=true`]);
});

it("gatewayBlocks, an answer longer than allowed, is cut off and counts as damage", async (test) => {
  const url = await serving(test, (_, response) => {
    const write = () => {
      while (response.write(new Uint8Array(1 << 16)));
    };
    response.on("drain", write).on("error", () => {});
    write();
  });
  await assert.rejects(
    gatewayBlocks(url, options)(cid, limits),
    (error) => error instanceof ContentMissingError && error.code === "BLOCK_CORRUPT",
  );
});

for (const [status, text, code] of [
  [404, "404 page not found", "STORE_UNAVAILABLE"],
  [500, '{"Message":"block was not found locally (offline): ipld: could not find x"}', "CONTENT_MISSING"],
  [500, '{"Message":"context canceled"}', "STORE_UNAVAILABLE"],
  [429, "slow down", "STORE_UNAVAILABLE"],
  [302, "", "STORE_UNAVAILABLE"],
] as const)
  it(`kuboBlocks, status ${status} ${text.slice(0, 24)}, is ${code}`, async (test) => {
    const url = await serving(test, (_, response) => {
      response.writeHead(status, status === 302 ? { location: "http://127.0.0.1:9/" } : {}).end(text);
    });
    await assert.rejects(kuboBlocks(url, true, options)(cid, limits), (error) => {
      assert.ok(error instanceof StoreError || error instanceof ContentMissingError);
      assert.equal(error.code, code);
      assert.ok(error.retryable);
      return true;
    });
  });

for (const status of [404, 410])
  it(`gatewayBlocks, status ${status}, is CONTENT_MISSING`, async (test) => {
    const url = await serving(test, (_, response) => response.writeHead(status).end());
    await assert.rejects(
      gatewayBlocks(url, options)(cid, limits),
      (error) => error instanceof ContentMissingError && error.code === "CONTENT_MISSING",
    );
  });

for (const [name, answer] of [
  ["before the headers", () => {}],
  [
    "within the body",
    (_, response) => {
      response.writeHead(200);
      response.write(bytes.subarray(0, 10));
    },
  ],
] as const satisfies readonly (readonly [string, RequestListener])[])
  it(`gatewayBlocks, silent ${name}, is given up`, async (test) => {
    const url = await serving(test, answer);
    await assert.rejects(gatewayBlocks(url, options)(cid, limits), (error) => {
      assert.ok(unavailable(error));
      assert.ok(error instanceof StoreError && error.data.stalled === true);
      return true;
    });
  });

it("gatewayBlocks, slow but not silent, is read to the end", async (test) => {
  const url = await serving(test, async (_, response) => {
    response.writeHead(200);
    for (let start = 0; start < bytes.length; start += 1000) {
      response.write(bytes.subarray(start, start + 1000));
      await systemClock.sleep(100, limits.signal);
    }
    response.end();
  });
  assert.ok(Buffer.from(bytes).equals(await gatewayBlocks(url, options)(cid, limits)));
});

it("gatewayBlocks, nobody there or an aborted signal, rejects accordingly", async (test) => {
  await assert.rejects(gatewayBlocks(new URL("http://127.0.0.1:9"), options)(cid, limits), unavailable);
  const url = await serving(test, () => {});
  const reason = new Error("stop");
  const controller = new AbortController();
  const read = gatewayBlocks(url, options)(cid, { ...limits, signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(read, (error) => error === reason);
});
