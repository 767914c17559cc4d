// Child process of the memory test: asks the servers at the given addresses for a block, one after another, and prints by
// how many bytes the process grew at most.
import { systemClock } from "../../workers/runtime/clock.ts";
import { refOf } from "../../workers/storage/contentRef.ts";
import { gatewayBlocks } from "../../workers/storage/httpBlocks.ts";
import { readVerified } from "../../workers/storage/reader.ts";
import { soughtBlock } from "./hostileServer.ts";
import { verifying } from "./memoryBlocks.ts";

const { signal } = new AbortController();
const limits = { fetch, clock: systemClock, stallMs: 300, blockMs: 600 };
const ref = refOf(soughtBlock);

async function read(url: string): Promise<void> {
  await readVerified(ref, verifying(gatewayBlocks(new URL(url), limits)), { maxBytes: ref.size, signal });
}

const [good, ...hostile] = process.argv.slice(2);
await read(good); // loads what every read needs
const before = process.resourceUsage().maxRSS;
for (const url of hostile) {
  const failed = await read(url).then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error(`${url} was believed`);
}
process.stdout.write(String((process.resourceUsage().maxRSS - before) * 1024));
