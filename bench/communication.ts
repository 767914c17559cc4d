/**
 * Share of a round in which training waits for communication: `npm run bench:communication [-- --json FILE] [--svg FILE]`. Sizes
 * and speeds of codec, sealing and opening are measured here, on one thread; links are arithmetic, which a transfer through a throttled
 * pipe is compared with; times of training are assumptions, and stated.
 */
import { writeFileSync } from "node:fs";
import { heavyTailedTensors, llamaSpecs, SAMPLE_HEADER } from "../test/support/pseudoGradients.ts";
import { encodeUpdate } from "../workers/codec/update.ts";
import { decryptUpdate, encryptUpdate } from "../workers/protocol/cipher.ts";
import { dataRoot } from "../workers/protocol/dataRoot.ts";
import { refOf } from "../workers/storage/contentRef.ts";
import { caughtUp, lateSteps } from "../workers/training/lateSteps.ts";
import { bestSeconds, DEFAULT, measure } from "./codec/measure.ts";
import { shareChart } from "./communication/chart.ts";
import { type Link, measureTransfer, transferSeconds } from "./communication/link.ts";
import { communicationShare, roundTimes, type Setting, type Speeds } from "./communication/share.ts";
import { benchCommand } from "./options.ts";

const link: Link = { up: 110e6, down: 500e6 };
const innerSteps = 30;
/** Reveal and attest of the production profile, seconds. */
const phaseSeconds = 360;
/** Covenant-72B: 20 peers, H = 30, 20 minutes. The 1 B run is made up: as long a round as SparseLoCo's 8 B had, 4.5 minutes. */
const runs = [
  { name: "1 B", parameters: 1e9, gathered: 20, innerSteps, trainSeconds: 270 },
  { name: "72 B", parameters: 72e9, gathered: 20, innerSteps, trainSeconds: 1200 },
];
const threadCounts = [1, 32];
const sealedBytes = 4e6;
const salt = `0x${"11".repeat(32)}` as const;
const identity = { chainId: 1, ledger: `0x${"22".repeat(20)}`, neuronId: 1n, round: 1 } as const;

const flags = benchCommand("communication", "Share of a round in which training waits for communication.")
  .option("--svg <file>", "also draw the shares there")
  .parse()
  .opts<{ readonly json?: string; readonly svg?: string }>();
const specs = llamaSpecs(256, 8, 704);
const dense = heavyTailedTensors(specs, 1, 0.3);
const codec = measure("dim 256, 8 layers", specs, DEFAULT, dense);
const { bytes: update } = encodeUpdate(SAMPLE_HEADER, specs, dense, DEFAULT);
const content = new Uint8Array(sealedBytes).map((_, index) => update[index % update.length]);
const sealing = bestSeconds(() => {
  const encrypted = encryptUpdate(content, identity, salt);
  dataRoot(encrypted);
  refOf(encrypted);
});
const opening = bestSeconds(() => {
  refOf(content);
  dataRoot(content);
  decryptUpdate(content, identity, salt);
});
const catchingUp = bestSeconds(() => caughtUp(dense, dense, dense));
const gigabytes = (4 * codec.parameters) / 1e9;
const speeds: Speeds = {
  ratio: 1 / codec.ratio,
  encodeGBs: 1 / (1 / codec.selectGBs + 1 / codec.encodeGBs),
  decodeGBs: codec.decodeGBs,
  sealGBs: sealedBytes / 1e9 / sealing,
  openGBs: sealedBytes / 1e9 / opening,
  catchUpGBs: gigabytes / catchingUp,
};

/** An update again and again through a pipe, a second's worth, against arithmetic; the fastest of several. */
const transferRuns = 5;
const transfers = [];
for (const [way, rate] of Object.entries(link)) {
  const size = Math.ceil(rate / 8 / update.length) * update.length;
  const sent = new Uint8Array(size).map((_, index) => update[index % update.length]);
  const seconds: number[] = [];
  for (let run = 0; run < transferRuns; run++) seconds.push(await measureTransfer(sent, rate));
  const measured = Math.min(...seconds);
  transfers.push({ way, bytes: size, measured, arithmetic: transferSeconds(size, rate) });
}

const quarter = lateSteps({ overlap: 1, training: { innerSteps } }, Number.POSITIVE_INFINITY);
/** Without overlap; with it, by default, and where the manifest says half. */
const lateCounts = [0, quarter, innerSteps / 2];
const rows = runs.flatMap(({ name, ...run }) =>
  threadCounts.flatMap((threads) => {
    const setting: Setting = { ...run, threads, link };
    const times = roundTimes(setting, speeds);
    return lateCounts.map((late) => {
      const share = communicationShare(setting, times, late);
      const withPhases = communicationShare(setting, times, late, phaseSeconds);
      return { run: name, threads, late, trainSeconds: run.trainSeconds, ...times, share, withPhases };
    });
  }),
);
const digits = (value: unknown) => (typeof value === "number" ? Number(value.toPrecision(3)) : value);
const shown = (row: object) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, digits(value)]));
console.table([shown(speeds)]);
console.table(transfers.map(shown));
console.table(rows.map(shown));
if (flags.json !== undefined)
  writeFileSync(flags.json, `${JSON.stringify({ link, speeds, transfers, rows }, undefined, 1)}\n`);
if (flags.svg !== undefined)
  writeFileSync(flags.svg, shareChart(runs, threadCounts[1], link, speeds, lateCounts));
