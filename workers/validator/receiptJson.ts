import type { SequenceRef } from "../protocol/assignment.ts";
import type { PayReceipt } from "../protocol/payReceipt.ts";
import { weftJson } from "../protocol/tokenAmount.ts";
import { ONE } from "../protocol/yuma.ts";
import type { Evaluation, RoundReceipt, ValidatorReceipt } from "./explain.ts";
import type { Receipt } from "./receipt.ts";

/** The receipt for programs: ids and Q32 shares are decimal strings, amounts decimal strings in whole tokens. */
export function receiptJson(receipt: Receipt): Readonly<Record<string, unknown>> {
  const { uid, neuronId, neuron, epoch, settledInRound, rounds, validators, pay } = receipt;
  return {
    uid,
    neuronId: String(neuronId),
    hotkey: neuron?.hotkey ?? null,
    coldkey: neuron?.coldkey ?? null,
    epoch,
    settledInRound: settledInRound ?? null,
    rounds: rounds.map(roundJson),
    validators: validators.map(validatorJson),
    pay: pay === undefined ? null : payJson(pay),
  };
}

function roundJson(receipt: RoundReceipt) {
  const { round, held, committed, revealedAfterSeconds, attested, eligible, gathered, evaluations } = receipt;
  return {
    round,
    held,
    committed: committed ?? null,
    revealedAfterSeconds: revealedAfterSeconds ?? null,
    attestedStake: weftJson(attested.attested),
    permittedStake: weftJson(attested.permitted),
    eligible,
    gathered,
    evaluations: evaluations.map(evaluationJson),
  };
}

function evaluationJson({ validator, entry, sampled, own, random }: Evaluation) {
  if (entry === undefined) return { validator: String(validator), found: null };
  const { neuronId: _, uid: __, ...found } = entry;
  const sequences = (refs: readonly SequenceRef[]) => refs.map(({ shard, sequence }) => [shard, sequence]);
  return {
    validator: String(validator),
    sampled,
    found: { ...found, copyOf: found.copyOf && { ...found.copyOf, neuronId: String(found.copyOf.neuronId) } },
    /** Shard and sequence. */
    sequences: { own: sequences(own), random: sequences(random) },
  };
}

function validatorJson(receipt: ValidatorReceipt) {
  const { neuronId, stake, agreement, log, ...plain } = receipt;
  return {
    neuronId: String(neuronId),
    uid: plain.uid,
    stake: weftJson(stake),
    attestations: plain.attestations,
    slowestAttestationSeconds: plain.slowestAttestationSeconds ?? null,
    committedAfterSeconds: plain.committedAfterSeconds ?? null,
    revealedAfterSeconds: plain.revealedAfterSeconds ?? null,
    agreement: agreement === undefined ? null : Number(agreement) / Number(ONE),
    log: log === undefined ? null : { cid: log.cid, size: log.size },
    logProblem: plain.logProblem ?? null,
    row: plain.row,
  };
}

function payJson(pay: PayReceipt) {
  const { votes, pots, split, credited } = pay;
  return {
    votes: votes.map(({ neuronId, weight, clipped, share, ofRow, counted, rank }) => ({
      neuronId: String(neuronId),
      weight,
      clipped,
      share: String(share),
      ofRow: String(ofRow),
      counted: String(counted),
      rank: String(rank),
    })),
    consensus: String(pay.consensus),
    rank: String(pay.rank),
    rankSum: String(pay.rankSum),
    incentiveShare: String(pay.incentiveShare),
    dividendShare: String(pay.dividendShare),
    emission: {
      seconds: Number(pots.seconds),
      halvings: pots.halvings,
      rate: weftJson(pots.rate),
      pot: weftJson(pots.pot),
      minerBps: Number(split.minerBps),
      validatorBps: Number(split.validatorBps),
      minersPot: weftJson(pots.miners),
      validatorsPot: weftJson(pots.validators),
    },
    incentive: weftJson(pay.incentive),
    dividend: weftJson(pay.dividend),
    take: weftJson(pay.take),
    toPool: weftJson(pay.dividend - pay.take),
    bounty: weftJson(pay.bounty),
    total: weftJson(pay.incentive + pay.dividend + pay.bounty),
    credited: { incentive: weftJson(credited.incentive), dividend: weftJson(credited.dividend) },
    disagreements: pay.disagreements,
  };
}
