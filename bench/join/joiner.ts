// A process of its own that joins a run late: reads the chain, fetches what it needs from a gateway, and prints the root of the state
// that it comes to and the seconds of each part.
import { join } from "node:path";
import { readRun } from "../../workers/cli/readRun.ts";
import { ModelStates } from "../../workers/node/modelStates.ts";
import { silentLog } from "../../workers/runtime/log.ts";

const [rpcUrl, registry, gateway, folder, round, upTo] = process.argv.slice(2);
const { signal } = new AbortController();
const start = performance.now();
const store = { folder: join(folder, "content"), ipfsApi: undefined, gateways: [gateway] };
const read = await readRun({ rpcUrl, registry, chainId: undefined, deployBlock: 0n, store }, signal);
const chainSeconds = (performance.now() - start) / 1000;
const states = await ModelStates.open(
  {
    ...read,
    folder: join(folder, "model"),
    log: silentLog,
    metrics: { record: () => undefined },
    ...(upTo === undefined ? {} : { upTo: Number(upTo) }),
  },
  signal,
);
const from = states.latest.round;
const { root } = await states.at(Number(round), signal);
const { fetch, decode } = read.updates.takeSeconds();
const seconds = {
  chain: chainSeconds,
  fetch,
  decode,
  all: (performance.now() - start) / 1000,
};
process.stdout.write(JSON.stringify({ root, from, seconds }));
process.exit(0);
