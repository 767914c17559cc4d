import { FatalError } from "../protocol/errors.ts";
import type { ListenAddress } from "../runtime/listen.ts";
import { refFromCid } from "../storage/contentRef.ts";
import type { ContentRef } from "../storage/contentStore.ts";

/** A number from the command line. @throws FatalError `OPTION_INVALID` outside [least, most] */
export function numberIn(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= least && value <= most) return value;
  throw invalid(option, text, `Give a number from ${least} to ${most}.`);
}

/** A whole number from the command line. @throws FatalError `OPTION_INVALID` */
export function wholeIn(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(option, text, `Give a whole number from ${least} to ${most}.`);
}

const byteUnits: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** A size like 500MB, 20GB or 1.5TB, in bytes. @throws FatalError `OPTION_INVALID` */
export function bytesFrom(option: string, text: string): number {
  const [, amount = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?)(MB|GB|TB)$/i.exec(text.trim()) ?? [];
  const bytes = Number(amount) * (byteUnits[unit.toUpperCase()] ?? 0);
  if (bytes > 0) return Math.floor(bytes);
  throw invalid(option, text, "Give a size like 500MB, 20GB or 1.5TB.");
}

/** Content as CID:SIZE. @throws FatalError `OPTION_INVALID` */
export function contentRef(option: string, text: string): ContentRef {
  const [, cid = "", size = ""] = /^([a-z2-7]+):(\d{1,15})$/.exec(text.trim()) ?? [];
  try {
    return refFromCid(cid, Number(size));
  } catch {
    throw invalid(option, text, "Give CID:SIZE, the size in bytes.");
  }
}

/** One of a few words from the command line. @throws FatalError `OPTION_INVALID` */
export function oneOf<T extends string>(option: string, choices: readonly T[], text: string): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw invalid(option, text, `Give one of: ${choices.join(", ")}.`);
}

/** Where to listen: `port` on this machine alone, or `host:port`. @throws FatalError `OPTION_INVALID` */
export function listenAddress(option: string, text: string): ListenAddress {
  const at = text.lastIndexOf(":");
  const host = at < 0 ? "127.0.0.1" : text.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const port = text.slice(at + 1);
  if (host === "" || !/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw invalid(option, text, "Give a port, or host:port; port 0 takes a free one.");
  return { host, port: Number(port) };
}

/** An address of HTTP. @throws FatalError `OPTION_INVALID` */
export function httpUrl(option: string, text: string): URL {
  const url = URL.parse(text);
  if (url !== null && ["http:", "https:"].includes(url.protocol)) return url;
  throw invalid(option, text, "Give a URL that begins with http:// or https://.");
}

function invalid(option: string, text: string, hint: string): FatalError {
  return new FatalError("OPTION_INVALID", `${option} is ${text}`, { hint });
}
