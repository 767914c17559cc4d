import { lastRound, neuron, neuronIdOf } from "./fixtureRun.ts";

const one = 1n << 32n;
const wei = 10n ** 18n;

function weft(amount: bigint): string {
  const digits = amount.toString().padStart(19, "0");
  return `${digits.slice(0, -18)}.${digits.slice(-18).replace(/0+$/, "") || "0"}`;
}

/** A receipt that adds up, in the form of `npx hardhat explain --json`. */
export function receipt(uid: number, epoch: number) {
  const { role, incentive: share, dividend: part } = neuron(uid);
  const [seconds, rate] = [60n, (125n * wei) / 100n];
  const pot = seconds * rate;
  const pots = { miners: (pot * 4100n) / 10_000n, validators: (pot * 4100n) / 10_000n };
  const ofRow = BigInt(Math.round(share * Number(one)));
  const stakes = [2_863_311_530n, 1_431_655_765n];
  const ranks = stakes.map((stake) => (stake * ofRow) >> 32n);
  const rank = ranks[0] + ranks[1];
  const rankSum = one - 9n;
  const incentiveShare = (rank << 32n) / rankSum;
  const dividendShare = BigInt(Math.round(part * Number(one)));
  const incentive = (incentiveShare * pots.miners) / one;
  const dividend = (dividendShare * pots.validators) / one;
  const take = (dividend * 1800n) / 10_000n;
  const settled = epoch < 14;
  return {
    uid,
    neuronId: neuronIdOf(uid),
    hotkey: neuron(uid).hotkey,
    coldkey: neuron(uid).coldkey,
    epoch,
    settledInRound: settled ? 3 * epoch + 5 : null,
    rounds: [0, 1, 2]
      .map((index) => 3 * epoch + index)
      .filter((round) => round < lastRound)
      .map((round) => roundReceipt(uid, round, role === "miner")),
    validators: [6, 7].map((validator) => validatorReceipt(validator)),
    pay: !settled
      ? null
      : {
          votes: [6, 7].map((validator, index) => ({
            neuronId: neuronIdOf(validator),
            weight: Math.round(share * 65_535) + (index === 1 && uid === 4 ? 5243 : 0),
            clipped: index === 1 && uid === 4,
            share: String(stakes[index]),
            ofRow: String(ofRow + (index === 1 && uid === 4 ? 343_597_383n : 0n)),
            counted: String(ofRow),
            rank: String(ranks[index]),
          })),
          consensus: String(ofRow),
          rank: String(rank),
          rankSum: String(rankSum),
          incentiveShare: String(incentiveShare),
          dividendShare: String(dividendShare),
          emission: {
            seconds: Number(seconds),
            halvings: 0,
            rate: weft(rate),
            pot: weft(pot),
            minerBps: 4100,
            validatorBps: 4100,
            minersPot: weft(pots.miners),
            validatorsPot: weft(pots.validators),
          },
          incentive: weft(incentive),
          dividend: weft(dividend),
          take: weft(take),
          toPool: weft(dividend - take),
          bounty: "0",
          total: weft(incentive + dividend),
          credited: { incentive: weft(incentive), dividend: weft(dividend) },
          disagreements: [],
        },
  };
}

function roundReceipt(uid: number, round: number, miner: boolean) {
  const standing = {
    rating: { mu: 24.1, sigma: 3.2 },
    computation: 0.12,
    standing: 1,
    auditStanding: 1,
  };
  return {
    round,
    held: true,
    committed: miner ? { afterSeconds: 9, bytes: 41_205 } : null,
    revealedAfterSeconds: miner ? 1 : null,
    attestedStake: miner ? "15000" : "0",
    permittedStake: "15000",
    eligible: miner,
    gathered: miner && uid !== 4,
    evaluations: miner
      ? [
          {
            validator: neuronIdOf(6),
            sampled: true,
            found: {
              status: "eligible",
              losses: { own: { before: 2.9, after: 2.81 }, random: { before: 2.95, after: 2.88 } },
              copyOf: uid === 4 ? { neuronId: neuronIdOf(1), round: round - 1, overlap: 0.71 } : null,
              penalties: uid === 4 ? [{ reason: "copy", factor: 0.2 }] : [],
              audit: null,
              before: standing,
              after: standing,
              score: 5.1,
            },
            sequences: { own: [[0, 1]], random: [[3, 2]] },
          },
          { validator: neuronIdOf(7), found: null },
        ]
      : [],
  };
}

function validatorReceipt(uid: number) {
  return {
    neuronId: neuronIdOf(uid),
    uid,
    stake: neuron(uid).stake,
    attestations: 3,
    slowestAttestationSeconds: 2,
    committedAfterSeconds: 4,
    revealedAfterSeconds: 3,
    agreement: uid === 6 ? 1 : 0.926,
    log: uid === 6 ? { cid: `bafybeif${"q".repeat(51)}`, size: 20_481 } : null,
    logProblem: uid === 6 ? null : "CONTENT_NOT_FOUND",
    row: uid === 6 ? "follows" : "unknown",
  };
}
