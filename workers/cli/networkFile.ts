import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as v from "valibot";
import { FatalError } from "../protocol/errors.ts";
import { writeFileAtomic } from "../runtime/files.ts";

const schema = v.strictObject({
  rpcUrl: v.string(),
  chainId: v.pipe(v.number(), v.safeInteger()),
  /** Address of the run's `RunRegistry`. */
  registry: v.string(),
  /** Folder of the content store. */
  store: v.string(),
  deployBlock: v.pipe(v.number(), v.safeInteger()),
});

/** Where a run is: written by a deployment, read by workers and verbs on the same machine. */
export type NetworkFile = Readonly<v.InferOutput<typeof schema>>;

/** Where `deploy` puts it and everybody looks for it unless told otherwise. */
export const defaultNetworkDir = ".weft/local";

export function networkFilePath(dir: string): string {
  return resolve(dir, "network.json");
}

/** @throws FatalError `NETWORK_FILE_MISSING`, `NETWORK_FILE_INVALID` */
export async function readNetworkFile(dir: string): Promise<NetworkFile> {
  const path = networkFilePath(dir);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new FatalError("NETWORK_FILE_MISSING", `there is no ${path}`, {
      cause,
      data: { path },
      hint: "Deploy a run first (npx hardhat deploy), name its folder with --dir, or give --rpc, --registry and --store.",
    });
  }
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw new FatalError("NETWORK_FILE_INVALID", `${path} is no network file`, {
      cause,
      data: { path },
      hint: "Deploy again, or give --rpc, --registry and --store.",
    });
  }
}

export async function writeNetworkFile(dir: string, network: NetworkFile): Promise<void> {
  const text = `${JSON.stringify(network, null, 2)}\n`;
  await writeFileAtomic(networkFilePath(dir), [Buffer.from(text)]);
}
