import type {
  EpochRow,
  EpochsPage,
  Network,
  NeuronPage,
  NeuronRow,
  NeuronsPage,
  RoundPage,
  RoundRow,
  RoundsPage,
  Status,
  WeightsPage,
} from "../../workers/projector/api.ts";
import type { ModelRow, ModelsPage } from "../../workers/projector/apiText.ts";

/** An invented run: 6 miners and 2 validators, epochs of 3 rounds of 20 s, 47 rounds over. Uid 4 copies uid 1. */
export const clock = { genesis: 1_790_000_000, period: 20, commitSeconds: 12, revealSeconds: 4, tempo: 3 };
export const lastRound = 47;
const settledEpochs = 14;
const denseBytes = 4_800_000;
const validatorUids = [6, 7];
const miners = [0, 1, 2, 3, 4, 5];
const uids = [...miners, ...validatorUids];
const incentives = [0.28, 0.26, 0.24, 0.19, 0.03, 0];
const dividends = [0.7, 0.3];

export const addresses = {
  registry: "0x1000000000000000000000000000000000000001",
  token: "0x1000000000000000000000000000000000000002",
  stakeManager: "0x1000000000000000000000000000000000000003",
  metagraph: "0x1000000000000000000000000000000000000004",
  emission: "0x1000000000000000000000000000000000000005",
};

export const neuronIdOf = (uid: number) => String(uid + 1);
const address = (tag: string, uid: number) => `0x${tag.repeat(38)}${String(uid).padStart(2, "0")}`;
const hash = (round: number) => `0x${(round * 7919 + 17).toString(16).padStart(64, "a1b2c3d4")}`;
/** Stands in for noise: the same on every run. */
const wave = (index: number) => Math.sin(index * 12.9898) * 0.5;

export function status(over: Partial<Status> = {}): Status {
  const start = clock.genesis + lastRound * clock.period;
  return {
    state: "synced",
    chainId: 31_337,
    registry: addresses.registry,
    chain: hash(1),
    head: { number: 951, hash: hash(951), time: start + 5 },
    round: lastRound,
    phase: "commit",
    phaseEndsAt: start + clock.commitSeconds,
    epoch: Math.floor(lastRound / clock.tempo),
    reports: 812,
    problem: null,
    ...over,
  };
}

export const network: Network = {
  clock,
  addresses,
  model: { parameters: 1_200_000, layers: 4, dim: 128, sequenceLength: 128 },
  training: { innerSteps: 10, batchSequences: 8, gatherSize: 4, tokensPerUpdate: 10_240, denseBytes },
  participants: { neurons: uids.length, validators: validatorUids.length, stake: "15250.5" },
  issuance: { cap: "21000000", issued: "1050840.123456789012345678", rate: "1.25", halvesAt: "10500000" },
  checkpoints: [12, 24, 36].map((round) => ({
    round,
    stateRoot: hash(round),
    cid: `bafybeig${String(round).repeat(26).slice(0, 51)}`,
    size: 4_912_345,
    time: clock.genesis + round * clock.period + 9,
  })),
};

export function rounds(from: number): RoundsPage {
  let revealsBefore = 0;
  const all = Array.from({ length: lastRound + 1 }, (_, round): RoundRow => {
    const before = revealsBefore;
    const running = round === lastRound;
    const reveals = running ? 0 : round < 3 ? 4 : 6 - (round % 7 === 0 ? 1 : 0);
    revealsBefore += reveals;
    return {
      round,
      start: clock.genesis + round * clock.period,
      commits: running ? 3 : 6,
      reveals,
      revealsBefore: before,
      attestations: running ? 0 : round % 11 === 5 ? 1 : 2,
      bytes: Math.round(reveals * (41_000 + 2_500 * wave(round))),
      heldOutLoss: round % 9 === 8 ? null : 2.1 + 3.4 * Math.exp(-round / 14) + 0.03 * wave(round),
      trainLoss: running ? null : 2.0 + 3.3 * Math.exp(-round / 14) + 0.12 * wave(round + 3),
      seconds: running
        ? null
        : {
            train: 8,
            encode: 0.4,
            store: 0.2,
            transaction: 0.6 + 0.2 * wave(round),
            fetch: 0.3,
            decode: 0.1,
            idle: 6,
          },
    };
  });
  return { rounds: all.filter(({ round }) => round >= from) };
}

export const epochs: EpochsPage = {
  epochs: Array.from(
    { length: settledEpochs },
    (_, epoch): EpochRow => ({
      epoch,
      settledInRound: 3 * epoch + 5,
      settledAt: clock.genesis + (3 * epoch + 5) * clock.period + 2,
      minted: "60.031111111111111111",
      treasury: "10.8",
      incentives: "30.15",
      dividends: "30.75",
      miners: 5,
      validators: 2,
      stake: "15250.5",
    }),
  ),
};

export function neuron(uid: number): NeuronRow {
  const miner = miners.includes(uid);
  const share = miner ? incentives[uid] : dividends[uid - miners.length];
  return {
    uid,
    neuronId: neuronIdOf(uid),
    name: uid === 0 ? "Loom" : "",
    url: uid === 0 ? "https://loom.example" : "",
    hotkey: address("a", uid),
    coldkey: address("c", uid),
    role: miner ? "miner" : "validator",
    permittedNext: !miner,
    stake: miner ? (uid === 0 ? "250.5" : "0") : uid === 6 ? "10000" : "5000",
    incentive: miner ? share : 0,
    dividend: miner ? 0 : share,
    earned: (share * 430).toFixed(6),
    claimed: uid === 0 ? "50" : "0",
    lastUpdate: miner ? (uid === 5 ? 31 : lastRound - 1) : null,
    score: miner ? 18.5 * share + 0.2 : null,
    penalties: uid === 4 ? ["copy"] : uid === 5 ? ["missing"] : [],
    registeredAt: clock.genesis - 600 + uid * 30,
  };
}

export const neurons: NeuronsPage = { epoch: 15, neurons: uids.map(neuron) };

const outcomeOf = (uid: number, round: number): string =>
  round === lastRound
    ? "open"
    : uid === 5
      ? round > 31
        ? "silent"
        : "unrevealed"
      : uid === 4
        ? "ungathered"
        : uid === 3 && round % 5 === 0
          ? "unattested"
          : "gathered";

export function neuronPage(uid: number): NeuronPage {
  const row = neuron(uid);
  const isMiner = row.role === "miner";
  return {
    neuron: row,
    holds: true,
    rounds: isMiner
      ? Array.from({ length: 24 }, (_, index) => {
          const round = lastRound - 23 + index;
          const outcome = outcomeOf(uid, round);
          const sent = outcome !== "silent" && outcome !== "open";
          return {
            round,
            outcome,
            attestedShare:
              outcome === "gathered" || outcome === "ungathered" ? 1 : outcome === "unattested" ? 0.3333 : 0,
            bytes: sent ? Math.round(41_000 + 900 * wave(round + uid)) : null,
            score: sent ? Math.max(0, (row.score ?? 0) + 0.4 * wave(round * 3 + uid)) : null,
            penalties: row.penalties,
          };
        })
      : [],
    epochs: Array.from({ length: settledEpochs }, (_, epoch) => ({
      epoch,
      stake: row.stake,
      incentive: isMiner ? (row.incentive * 30.75).toFixed(18) : "0",
      dividend: isMiner ? "0" : (row.dividend * 30.75).toFixed(18),
      take: isMiner ? "0" : (row.dividend * 30.75 * 0.18).toFixed(18),
      incentiveShare: row.incentive,
      permitted: !isMiner,
      weights: isMiner
        ? null
        : miners.map((target) => ({
            uid: target,
            weight: incentives[target] + (uid === 7 && target === 4 ? 0.08 : 0),
            consensus: incentives[target],
          })),
    })),
  };
}

export function roundPage(round: number): RoundPage {
  const start = clock.genesis + round * clock.period;
  const over = round < lastRound;
  const loss = rounds(0).rounds;
  const sent = over ? miners.filter((uid) => outcomeOf(uid, round) !== "silent") : [0, 1, 2];
  return {
    round,
    epoch: Math.floor(round / clock.tempo),
    start,
    end: start + clock.period,
    over,
    heldOutLoss: { before: loss[round].heldOutLoss, after: loss[round + 1]?.heldOutLoss ?? null },
    updates: sent.map((uid) => ({
      uid,
      neuronId: neuronIdOf(uid),
      outcome: outcomeOf(uid, round),
      attestedShare: neuronPage(uid).rounds.find((row) => row.round === round)?.attestedShare ?? 1,
      committedAt: start + 8 + (uid % 3),
      revealedAt: outcomeOf(uid, round) === "unrevealed" || !over ? null : start + 12 + (uid % 3),
      bytes: Math.round(41_000 + 900 * wave(round + uid)),
      evaluations: over
        ? validatorUids.map((validator) => ({
            validator: neuronIdOf(validator),
            score: 18.5 * incentives[uid] + 0.2,
            penalties: uid === 4 ? ["copy"] : [],
            losses:
              uid === 4
                ? null
                : { own: { before: 2.9, after: 2.81 }, random: { before: 2.95, after: 2.9 - 0.01 * uid } },
          }))
        : [],
    })),
    attestations: over
      ? validatorUids.map((uid) => ({
          uid,
          neuronId: neuronIdOf(uid),
          time: start + 17 + (uid % 2),
          uids: sent.filter((each) => ["gathered", "ungathered"].includes(outcomeOf(each, round))),
        }))
      : [],
    copies: over ? [{ uid: 4, of: 1 }] : [],
  };
}

export function weights(epoch: number): WeightsPage {
  const settled = epoch < settledEpochs;
  return {
    epoch,
    settled,
    uids,
    rows:
      epoch > settledEpochs
        ? []
        : validatorUids.map((uid) => ({
            neuronId: neuronIdOf(uid),
            uid,
            stake: uid === 6 ? "10000" : "5000",
            weights: uids.map((target) => (incentives[target] ?? 0) + (uid === 7 && target === 4 ? 0.08 : 0)),
          })),
    consensus: settled ? uids.map((uid) => incentives[uid] ?? 0) : null,
    incentives: settled ? uids.map((uid) => incentives[uid] ?? 0) : null,
  };
}

const modelRow = (round: number, source: ModelRow["source"]): ModelRow => ({
  round,
  stateRoot: hash(round),
  source,
  heldOutLoss: rounds(round).rounds[0].heldOutLoss,
});

export const models: ModelsPage = {
  models: [
    ...[47, 46].map((round) => modelRow(round, "saved")),
    ...[36, 24, 12].map((round) => modelRow(round, "checkpoint")),
    modelRow(0, "start"),
  ],
  limits: { promptBytes: 2_000, tokens: 400, temperature: 2, models: 2 },
};
