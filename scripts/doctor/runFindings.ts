import type { Device } from "../../workers/training/device.ts";
import { gigabytes, memoryNeeded } from "../../workers/training/memory.ts";
import type { Finding } from "./findings.ts";
import type { EndpointReading, RunReadings, Tried } from "./readRun.ts";

/** An RPC this slow eats into a phase: a commit alone takes some ten requests. */
const slowMs = 500;
/** Blocks that one RPC may lag behind another. */
const mostLag = 5n;
/** Workers follow block time; a clock this far off misdates logs and fails TLS. */
const clockNoteSeconds = 120;
/** What a worker keeps per parameter (states of recent rounds, moments, error feedback), and besides. */
const disk = { bytesPerParameter: 64, besides: 1e9 };
const mostMicroBatch = 4096;

/** What the readings mean for a worker on this machine. */
export function examineRun(readings: RunReadings, device: Device, memoryBytes: number): Finding[] {
  return [
    ...readings.endpoints.map(({ host, reading }) => rpcFinding(host, reading, readings)),
    ...clockFinding(readings),
    contentFinding(readings.content),
    runFinding(readings),
    ...memoryFinding(readings, device, memoryBytes),
    ...keyFinding(readings.key),
    diskFinding(readings),
  ];
}

function rpcFinding(host: string, reading: Tried<EndpointReading>, readings: RunReadings): Finding {
  const what = "rpc";
  if ("error" in reading) return failed(what, reading.error, `${host}: `);
  const { chainId, latencyMs, head } = reading.value;
  const finding = `${host}: chain ${chainId}, block ${head}, ${Math.round(latencyMs)} ms`;
  if (readings.expectedChainId !== undefined && chainId !== readings.expectedChainId) {
    const advice = `The run is on chain ${readings.expectedChainId}: give --rpc a URL of that chain.`;
    return { what, state: "bad", finding, advice };
  }
  const lag = newest(readings) - head;
  if (lag > mostLag) {
    const advice = `${lag} blocks behind another RPC: put a better one first.`;
    return { what, state: "note", finding, advice };
  }
  if (latencyMs > slowMs) {
    return { what, state: "note", finding, advice: "Slow: phases end on time. Use a nearer node." };
  }
  return { what, state: "good", finding };
}

function newest({ endpoints }: RunReadings): bigint {
  return values(endpoints).reduce((most, { head }) => (head > most ? head : most), 0n);
}

function clockFinding({ endpoints, period }: RunReadings): Finding[] {
  const ahead = values(endpoints).map(({ clockAheadSeconds }) => clockAheadSeconds);
  if (ahead.length === 0) return [];
  const least = ahead.reduce((best, each) => (Math.abs(each) < Math.abs(best) ? each : best));
  const seconds = Math.round(Math.abs(least));
  const finding = `the latest block is ${seconds} s ${least < 0 ? "ahead of" : "behind"} this machine's clock`;
  const most = Math.max(clockNoteSeconds, "value" in period ? period.value : 0);
  if (Math.abs(least) <= most) return [{ what: "clock", state: "good", finding }];
  const advice =
    "Workers follow the chain's time, so they work; set the clock, or see whether the chain stands still.";
  return [{ what: "clock", state: "note", finding, advice }];
}

function contentFinding(content: Tried<number>): Finding {
  if ("error" in content) return failed("content", content.error);
  return { what: "content", state: "good", finding: `stored and read back in ${content.value.toFixed(2)} s` };
}

function runFinding({ training, period }: RunReadings): Finding {
  if ("error" in period) return failed("run", period.error);
  if ("error" in training) return failed("run", training.error);
  const { parameters } = training.value;
  const finding = `${(parameters / 1e6).toPrecision(3)} M parameters, rounds of ${period.value} s`;
  return { what: "run", state: "good", finding };
}

function memoryFinding({ training }: RunReadings, device: Device, memoryBytes: number): Finding[] {
  if ("error" in training) return [];
  const { model, settings, overlap } = training.value;
  const own = settings.microBatchSequences ?? settings.batchSequences;
  const needed = (sequences: number) =>
    memoryNeeded(model, { ...settings, microBatchSequences: sequences }, device, overlap);
  const words = (sequences: number) => `${sequences} sequences at once take ${gigabytes(needed(sequences))}`;
  if (needed(own) > memoryBytes) {
    const finding = `the run's ${words(own)}; this machine has ${gigabytes(memoryBytes)}`;
    const advice = "Use a machine with more memory, or join a run with a smaller model.";
    return [{ what: "run's memory", state: "bad", finding, advice }];
  }
  let fits = own;
  while (fits < mostMicroBatch && needed(2 * fits) <= memoryBytes) fits *= 2;
  const room = fits > own ? `; ${fits} would fit` : "";
  return [{ what: "run's memory", state: "good", finding: `the run's ${words(own)}${room}` }];
}

function keyFinding(key: RunReadings["key"]): Finding[] {
  if (key === undefined) return [];
  if ("error" in key) return [failed("hotkey", key.error)];
  const { address, encrypted } = key.value;
  const kept = encrypted ? "encrypted" : "not encrypted, readable by you alone";
  return [{ what: "hotkey", state: "good", finding: `${address}, ${kept}` }];
}

function diskFinding({ freeBytes, training }: RunReadings): Finding {
  if ("error" in freeBytes) return failed("disk", freeBytes.error);
  const parameters = "error" in training ? 0 : training.value.parameters;
  const needed = disk.besides + disk.bytesPerParameter * parameters;
  const finding = `${gigabytes(freeBytes.value)} free; a worker takes about ${gigabytes(needed)}`;
  if (freeBytes.value >= needed) return { what: "disk", state: "good", finding };
  return {
    what: "disk",
    state: "bad",
    finding,
    advice: "Free space, or name another disk with --dir and --store.",
  };
}

function failed(
  what: string,
  error: { code: string; message: string; hint?: string | undefined },
  before = "",
): Finding {
  const finding = `${before}${error.message} [${error.code}]`;
  return { what, state: "bad", finding, ...(error.hint !== undefined && { advice: error.hint }) };
}

function values(endpoints: RunReadings["endpoints"]): EndpointReading[] {
  return endpoints.flatMap(({ reading }) => ("value" in reading ? [reading.value] : []));
}
