import { type Link, transferSeconds } from "./link.ts";

/** What was measured on this machine, per thread. */
export interface Speeds {
  /** Bytes of an update for a byte of fp32 parameters. */
  readonly ratio: number;
  /** GB of fp32 parameters a second: selection and coding; decoding and adding to a sum. */
  readonly encodeGBs: number;
  readonly decodeGBs: number;
  /** GB of update a second: encryption, data root and CID; and the way back. */
  readonly sealGBs: number;
  readonly openGBs: number;
  /** GB of fp32 parameters a second: θ in place of its stand-in. */
  readonly catchUpGBs: number;
}

/** A run and a miner's machine in it. */
export interface Setting {
  readonly parameters: number;
  /** R: updates gathered, its own among them. */
  readonly gathered: number;
  /** H, and seconds that all of them take. */
  readonly innerSteps: number;
  readonly trainSeconds: number;
  /** Threads among which tensors and updates are divided. */
  readonly threads: number;
  readonly link: Link;
}

export interface RoundTimes {
  /** Before the others' updates can come: selection, coding, sealing, upload. */
  readonly encode: number;
  readonly seal: number;
  readonly upload: number;
  readonly download: number;
  /** Opening, decoding and the outer step. */
  readonly decode: number;
  /** With overlap: θ in place of what stood in for it. */
  readonly catchUp: number;
}

/** Seconds of each part of a round's communication. Downloads and decoding of updates follow one another: an upper bound. */
export function roundTimes(setting: Setting, speeds: Speeds): RoundTimes {
  const { parameters, gathered, threads, link } = setting;
  const dense = (4 * parameters) / 1e9;
  const update = dense * speeds.ratio;
  const others = gathered - 1;
  return {
    encode: dense / speeds.encodeGBs / threads,
    seal: update / speeds.sealGBs / threads,
    upload: transferSeconds(update * 1e9, link.up),
    download: transferSeconds(others * update * 1e9, link.down),
    decode: (others * update) / speeds.openGBs / threads + (gathered * dense) / speeds.decodeGBs / threads,
    catchUp: dense / speeds.catchUpGBs / threads,
  };
}

/**
 * Share of a round in which training waits for communication. Without overlap it waits for all of it. With overlap it waits for the
 * selection of its own update, from which late steps begin, for θ taking its stand-in's place, and for what of the rest takes
 * longer than the late steps.
 * @param lateSteps 0 without overlap
 * @param phaseSeconds from the end of commits to the end of the round; what is committed can be fetched meanwhile, encrypted
 */
export function communicationShare(
  { innerSteps, trainSeconds }: Setting,
  times: RoundTimes,
  lateSteps: number,
  phaseSeconds = 0,
): number {
  const { encode, seal, upload, download, decode, catchUp } = times;
  const travel = seal + upload + Math.max(download, phaseSeconds) + decode;
  const hidden = (trainSeconds * lateSteps) / innerSteps;
  const waited = lateSteps === 0 ? encode + travel : encode + catchUp + Math.max(0, travel - hidden);
  return waited / (trainSeconds + waited);
}
