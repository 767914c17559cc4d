import assert from "node:assert/strict";
import { it } from "node:test";
import { gzipSync } from "node:zlib";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { maxBlockBytes } from "../../../workers/storage/blocks.ts";
import { refOf } from "../../../workers/storage/contentRef.ts";
import { ContentError, ContentMissingError, StoreError } from "../../../workers/storage/errors.ts";
import { type Fetch, gatewayBlocks } from "../../../workers/storage/httpBlocks.ts";
import { readVerified } from "../../../workers/storage/reader.ts";
import { hostileCap, hostileDags } from "../../support/hostileDags.ts";
import { hostileAnswers, hostileServer, serveSought, soughtBlock } from "../../support/hostileServer.ts";
import { MemoryBlocks, verifying } from "../../support/memoryBlocks.ts";
import { runScript } from "../../support/spawned.ts";

const { signal } = new AbortController();
const sought = refOf(soughtBlock);

for (const [name, { code, asks, build }] of Object.entries(hostileDags))
  it(`readVerified, ${name}, is ${code} and stops early`, async () => {
    const blocks = new MemoryBlocks();
    const [root, size] = build(blocks);
    await assert.rejects(blocks.read(root, size, hostileCap), (error) => {
      assert.ok(error instanceof ContentError, String(error));
      assert.equal(error.code, code, error.message);
      assert.equal(error.retryable, false);
      return true;
    });
    assert.ok(blocks.asked <= asks, `asked for ${blocks.asked} blocks`);
    assert.ok(blocks.bytes <= 2 * hostileCap, `took ${blocks.bytes} bytes`);
  });

/** The platform's `fetch`, counting the bytes that are taken of bodies. */
function countingFetch(): { fetch: Fetch; bytes: () => number } {
  let bytes = 0;
  const count = new TransformStream<Uint8Array, Uint8Array>(
    {
      transform(chunk, controller) {
        bytes += chunk.length;
        controller.enqueue(chunk);
      },
    },
    new CountQueuingStrategy({ highWaterMark: 1 }),
    new CountQueuingStrategy({ highWaterMark: 0 }),
  );
  const counting: Fetch = async (url, init) => {
    const response = await fetch(url, init);
    return new Response(response.body?.pipeThrough(count) ?? null, response);
  };
  return { fetch: counting, bytes: () => bytes };
}

for (const [name, { code, answer }] of Object.entries(hostileAnswers))
  it(`gatewayBlocks, ${name}, is ${code} and takes no more than two blocks`, async (test) => {
    const server = await hostileServer(answer);
    test.after(server.close);
    const { fetch, bytes } = countingFetch();
    const source = gatewayBlocks(server.url, { fetch, clock: systemClock, stallMs: 300, blockMs: 600 });
    await assert.rejects(
      readVerified(sought, verifying(source), { maxBytes: sought.size, signal }),
      (error) => {
        assert.ok(error instanceof StoreError || error instanceof ContentMissingError, String(error));
        assert.equal(error.code, code, error.message);
        assert.equal(error.retryable, true, "what one server says is no verdict on the content");
        return true;
      },
    );
    assert.ok(bytes() <= 2 * maxBlockBytes, `took ${bytes()} bytes`);
  });

it("gatewayBlocks, all of these servers in one process, grow it by less than twice what a content may take", async (test) => {
  const answers = [serveSought, ...Object.values(hostileAnswers).map(({ answer }) => answer)];
  const servers = await Promise.all(answers.map((answer) => hostileServer(answer)));
  for (const { close } of servers) test.after(close);
  const { exitCode, out, err } = await runScript(
    "test/support/hostileReader.ts",
    servers.map(({ url }) => url.href),
  );
  assert.equal(exitCode, 0, err);
  assert.ok(Number(out) <= 2 * hostileCap, `grew by ${out} bytes`);
});

it("gatewayBlocks, the right bytes as text and zipped, are believed for their hash", async (test) => {
  const server = await hostileServer((socket) => {
    const zipped = gzipSync(soughtBlock);
    const headers = `content-length: ${zipped.length}\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n\r\n`;
    socket.write(`HTTP/1.1 200 OK\r\n${headers}`);
    socket.end(zipped);
  });
  test.after(server.close);
  const source = gatewayBlocks(server.url, { fetch, clock: systemClock, stallMs: 300, blockMs: 600 });
  const read = await readVerified(sought, verifying(source), { maxBytes: sought.size, signal });
  assert.ok(Buffer.from(soughtBlock).equals(read));
});
