/** Decimals of a token. */
const decimals = 18;
const thin = "\u202f";

/** Wei of whole tokens written as a decimal string, e.g. "12.5". @throws RangeError for anything else */
export function weiOf(tokens: string): bigint {
  const match = /^(\d{1,60})(?:\.(\d{1,18}))?$/.exec(tokens.trim());
  if (match === null) throw new RangeError(`${JSON.stringify(tokens.slice(0, 80))} is no amount of tokens`);
  return BigInt(match[1] + (match[2] ?? "").padEnd(decimals, "0"));
}

/** Whole tokens with all decimals that are not zero: what `weiOf` reads. */
export function exactTokens(wei: bigint): string {
  const digits = wei.toString().padStart(decimals + 1, "0");
  const fraction = digits.slice(-decimals).replace(/0+$/, "");
  return fraction === "" ? digits.slice(0, -decimals) : `${digits.slice(0, -decimals)}.${fraction}`;
}

/** Tokens for reading: two decimals, rounded down; four digits of what is below a hundredth; thousands apart. */
export function tokens(text: string): string {
  const wei = weiOf(text);
  const hundredths = wei / 10n ** 16n;
  if (hundredths === 0n && wei > 0n) return `${Number(exactTokens(wei)).toPrecision(4)}`;
  return `${count(hundredths / 100n)}.${(hundredths % 100n).toString().padStart(2, "0")}`;
}

/** A whole number, thousands apart. */
export function count(value: bigint | number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, thin);
}

/** A large number with three digits and a unit, e.g. "1.54 M". */
export function compact(value: number): string {
  const units = ["", "k", "M", "G", "T", "P"];
  const step = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** step;
  const text = step === 0 && Number.isInteger(value) ? String(value) : scaled.toPrecision(3);
  return `${text}${step === 0 ? "" : `${thin}${units[step]}`}`;
}

/** A tick of an axis: all ticks in the unit of the largest, with as many digits as tell neighbours `step` apart. */
export function scaledText(value: number, largest: number, step: number): string {
  const power = largest < 10_000 ? 0 : Math.min(5, Math.floor(Math.log10(largest) / 3));
  const unit = 1000 ** power;
  let digits = 0;
  for (let scaled = step / unit; digits < 6 && Math.abs(scaled - Math.round(scaled)) > 1e-6; scaled *= 10)
    digits++;
  return `${(value / unit).toFixed(digits)}${power === 0 ? "" : `${thin}${["", "k", "M", "G", "T", "P"][power]}`}`;
}

/** Bytes with their unit, e.g. "1.54 MB". */
export function bytes(value: number): string {
  return value < 1000 ? `${value}${thin}B` : `${compact(value)}B`;
}

/** A share as per cent with one decimal; two below one per cent. */
export function percent(share: number): string {
  const value = share * 100;
  return `${value.toFixed(value !== 0 && Math.abs(value) < 1 ? 2 : 1)}${thin}%`;
}

/** A loss or score with four decimals; a dash where there is none. */
export function decimal(value: number | null, digits = 4): string {
  return value === null || !Number.isFinite(value) ? "–" : value.toFixed(digits);
}

/** Seconds as people say them: "40 s", "3 min 05 s", "2 h 10 min", "3 d 4 h". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const part = (size: number, within: number) => Math.floor(whole / size) % within;
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole}${thin}s`;
  if (whole < 3600) return `${part(60, 60)}${thin}min ${two(part(1, 60))}${thin}s`;
  if (whole < 86_400) return `${part(3600, 24)}${thin}h ${two(part(60, 60))}${thin}min`;
  return `${Math.floor(whole / 86_400)}${thin}d ${part(3600, 24)}${thin}h`;
}

/** Unix seconds as local date and time, or UTC's: "2026-11-27 20:13:05". */
export function dateTime(seconds: number, offsetMinutes = 0): string {
  const moment = new Date((seconds + offsetMinutes * 60) * 1000);
  return Number.isNaN(moment.getTime()) ? "–" : moment.toISOString().slice(0, 19).replace("T", " ");
}

/** `0x1234…cdef`, `bafy…wxyz`: enough to tell it from its neighbours. */
export function short(text: string, head = 6, tail = 4): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}

/** Foreign text: control, format and direction characters are shown as `?`. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
}
