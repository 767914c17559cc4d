import { type Hex, type Log, parseEventLogs, toEventSelector } from "viem";
import type { ChainEvent } from "../protocol/chainEvents.ts";
import { unpackMinerCredits, unpackValidatorCredits } from "../protocol/credits.ts";
import {
  attestationLedgerAbi,
  availabilityChallengeAbi,
  checkpointLedgerAbi,
  directoryAbi,
  emissionAbi,
  epochEngineAbi,
  metagraphAbi,
  stakeManagerAbi,
  updateLedgerAbi,
  weightLedgerAbi,
} from "./generated/abi.ts";

const abi = [
  ...metagraphAbi,
  ...stakeManagerAbi,
  ...updateLedgerAbi,
  ...attestationLedgerAbi,
  ...weightLedgerAbi,
  ...epochEngineAbi,
  ...emissionAbi,
  ...checkpointLedgerAbi,
  ...directoryAbi,
  ...availabilityChallengeAbi,
] as const;

const names = [
  "Registered",
  "HotkeyRotated",
  "ColdkeyTransferred",
  "PermitClaimed",
  "PoolChanged",
  "UpdateCommitted",
  "UpdateRevealed",
  "Attested",
  "WeightsCommitted",
  "WeightsRevealed",
  "EpochSettled",
  "Credited",
  "Minted",
  "Claimed",
  "CheckpointAttested",
  "IdentitySet",
  "ChallengeOpened",
  "ChallengeAnswered",
  "ChallengeExpired",
] as const satisfies readonly ChainEvent["type"][];

type FollowedAbi = readonly Extract<(typeof abi)[number], { type: "event" }>[];

/** Events by the topic that tells them apart, computed once: a hash each. */
const followed = Map.groupBy(
  abi.filter((item) => item.type === "event"),
  (item) => toEventSelector(item),
);

/** Logs that are events a participant follows; all others are left out. */
export function parseEvents(logs: Log<bigint, number, false>[]) {
  const selectors = new Set(logs.flatMap(({ topics: [selector] }): Hex | [] => selector ?? []));
  const present: FollowedAbi = [...selectors].flatMap((selector) => followed.get(selector) ?? []);
  return parseEventLogs({ abi: present, logs, eventName: [...names], strict: true });
}

export type EventLog = ReturnType<typeof parseEvents>[number];

/** The event of a log. Rounds, epochs, uids and sizes become numbers: the contracts bound them far below 2^53. */
export function decodeEvent(log: EventLog, time: number): ChainEvent {
  const { blockNumber, logIndex } = log;
  const position = { blockNumber, logIndex, time };
  switch (log.eventName) {
    case "Registered":
      return { type: log.eventName, ...position, ...log.args, uid: Number(log.args.uid) };
    case "HotkeyRotated":
      return { type: log.eventName, ...position, ...log.args, uid: Number(log.args.uid) };
    case "ColdkeyTransferred":
      return { type: log.eventName, ...position, ...log.args };
    case "PermitClaimed":
      return { type: log.eventName, ...position, ...log.args, uid: Number(log.args.uid) };
    case "PoolChanged":
      return { type: log.eventName, ...position, ...log.args };
    case "UpdateCommitted": {
      const { round, size } = log.args;
      return { type: log.eventName, ...position, ...log.args, round: Number(round), size: Number(size) };
    }
    case "UpdateRevealed": {
      const { round, size, uid } = log.args;
      const numbers = { round: Number(round), size: Number(size), uid: Number(uid) };
      return { type: log.eventName, ...position, ...log.args, ...numbers };
    }
    case "Attested": {
      const { round, uid } = log.args;
      return { type: log.eventName, ...position, ...log.args, round: Number(round), uid: Number(uid) };
    }
    case "WeightsCommitted": {
      const { epoch, logSize } = log.args;
      return {
        type: log.eventName,
        ...position,
        ...log.args,
        epoch: Number(epoch),
        logSize: Number(logSize),
      };
    }
    case "WeightsRevealed": {
      const { epoch, uid } = log.args;
      return { type: log.eventName, ...position, ...log.args, epoch: Number(epoch), uid: Number(uid) };
    }
    case "EpochSettled": {
      const { epoch, round } = log.args;
      return { type: log.eventName, ...position, ...log.args, epoch: Number(epoch), round: Number(round) };
    }
    case "Credited": {
      const { epoch, miners, validators } = log.args;
      const lists = { miners: unpackMinerCredits(miners), validators: unpackValidatorCredits(validators) };
      return { type: log.eventName, ...position, epoch: Number(epoch), ...lists };
    }
    case "Minted":
      return { type: log.eventName, ...position, ...log.args, epoch: Number(log.args.epoch) };
    case "Claimed":
      return { type: log.eventName, ...position, ...log.args };
    case "IdentitySet":
      return { type: log.eventName, ...position, ...log.args };
    case "ChallengeOpened": {
      const { round, index, deadline } = log.args;
      const numbers = { round: Number(round), index: Number(index), deadline: Number(deadline) };
      return { type: log.eventName, ...position, ...log.args, ...numbers };
    }
    case "ChallengeAnswered":
      return { type: log.eventName, ...position, ...log.args, round: Number(log.args.round) };
    case "ChallengeExpired":
      return { type: log.eventName, ...position, ...log.args, round: Number(log.args.round) };
    case "CheckpointAttested": {
      const { round, stateRoot, contentDigest, contentSize } = log.args;
      const numbers = { round: Number(round), contentSize: Number(contentSize) };
      return { type: log.eventName, ...position, stateRoot, contentDigest, ...numbers };
    }
  }
}
