import { readFile } from "node:fs/promises";

/** A parameter of the Ignition module `Weft`: amounts in wei as bigint, all else as JSON has it. */
export type ModuleParameter = bigint | boolean | number | string | (bigint | string)[];

/** What a deployment adds to a network's parameter file, because only the run knows it. */
export interface RunParameters {
  /** Unix seconds at which round 0 starts. */
  readonly genesis: number;
  readonly genesisRecipients: readonly string[];
  /** Wei per recipient. */
  readonly genesisAmounts: readonly bigint[];
  /** sha256 of the canonical manifest. */
  readonly manifestHash: string;
  /** Digest of the manifest's root CID. */
  readonly manifestDigest: string;
  /** Bytes of the manifest. */
  readonly manifestSize: number;
}

/** A network whose parameters stand in `ignition/parameters/`. */
export type NetworkName = "local" | "production";

/**
 * Parameters for `connection.ignition.deploy(Weft, { parameters })`: those of the network's file, then those of the
 * run, then overrides.
 */
export async function readParameters(
  network: NetworkName,
  run: RunParameters,
  overrides: Readonly<Record<string, ModuleParameter>> = {},
): Promise<{ Weft: Record<string, ModuleParameter> }> {
  const text = await readFile(new URL(`./parameters/${network}.json`, import.meta.url), "utf8");
  const file: { Weft: Record<string, ModuleParameter> } = JSON.parse(text, (_, value) =>
    typeof value === "string" && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  );
  const { genesisRecipients, genesisAmounts, ...rest } = run;
  const allocation = { genesisRecipients: [...genesisRecipients], genesisAmounts: [...genesisAmounts] };
  return { Weft: { ...file.Weft, ...rest, ...allocation, ...overrides } };
}
