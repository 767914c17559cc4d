import { type Abi, encodeAbiParameters, encodeEventTopics, type Hex } from "viem";

/** Topics and data of an event as a contract emits it. */
export function encodeLog(abi: Abi, eventName: string, args: Readonly<Record<string, unknown>>) {
  const item = abi.find((entry) => entry.type === "event" && entry.name === eventName);
  if (item?.type !== "event") throw new Error(`no event ${eventName}`);
  const plain = item.inputs.filter(({ indexed }) => indexed !== true);
  const values = plain.map(({ name }) => args[name ?? ""]);
  const topics = encodeEventTopics({ abi, eventName, args }) as Hex[];
  return { topics, data: encodeAbiParameters(plain, values) };
}
