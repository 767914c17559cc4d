import type { DifferentialCase } from "./yumaCases.ts";

/** What a random epoch can be that consensus might get wrong. */
export const kinds: Readonly<Record<string, (epoch: DifferentialCase) => boolean>> = {
  "one validator": ({ masked }) => masked.stake.length === 1,
  "more than 32 validators": ({ masked }) => masked.stake.length > 32,
  "one uid": ({ raw }) => raw.columns === 1,
  "more than 128 uids": ({ raw }) => Number(raw.columns) > 128,
  "a row of zeros": ({ masked }) => masked.weights.some((row) => row.every((weight) => weight === 0)),
  "a column of zeros": (epoch) => columns(epoch).some((column) => column.every((weight) => weight === 0)),
  "a tie": (epoch) => columns(epoch).some(([first, second]) => first !== 0 && first === second),
  "equal stakes": ({ masked: { stake } }) => stake.length > 1 && stake.every((one) => one === stake[0]),
  "one stake above all others": ({ masked: { stake } }) => stake.length > 1 && stake[0] === 2n ** 84n,
  "no stake": ({ masked }) => masked.stake.includes(0n),
  "weights of newcomers": ({ raw }) => raw.absentWeights !== 0n,
  "bonds on newcomers": ({ raw }) => raw.absentBonds !== 0n && raw.previousBonds.length > 0,
  "a row cut": ({ raw }) => raw.weights.some(({ length }) => length < Number(raw.columns)),
  "a row padded": ({ raw }) => raw.weights.some(({ length }) => length > Number(raw.columns)),
  "no bonds yet": ({ raw }) => raw.previousBonds.length === 0,
  "fewer uids then": ({ raw }) => Number(raw.previousBonds[0]?.length) < Number(raw.columns),
  "penalised bonds": ({ raw }) => raw.bondsPenalty,
  "bonds without penalty": ({ raw }) => !raw.bondsPenalty,
};

function columns({ masked: { weights } }: DifferentialCase): number[][] {
  return (weights[0] ?? []).map((_, j) => weights.map((row) => row[j] ?? 0));
}
