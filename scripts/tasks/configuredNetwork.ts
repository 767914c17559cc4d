import type { HardhatConfig, ResolvedConfigurationVariable } from "hardhat/types/config";
import { isHex, size } from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { FatalError } from "../../workers/protocol/errors.ts";

/** A network of Hardhat's configuration that stands elsewhere. */
export interface ConfiguredNetwork {
  readonly name: string;
  /** @throws FatalError CONFIG_VARIABLE_UNUSABLE */
  rpcUrl(): Promise<string>;
  /**
   * The first account of the network's configuration; undefined where it leaves accounts to the node.
   * @throws FatalError CONFIG_VARIABLE_UNUSABLE
   */
  account(): Promise<PrivateKeyAccount | undefined>;
}

/**
 * What the configuration says of the network named by `--network`; undefined when none was named.
 * @throws FatalError NETWORK_UNKNOWN, NETWORK_IN_PROCESS
 */
export function configuredNetwork(
  name: string | undefined,
  networks: HardhatConfig["networks"],
): ConfiguredNetwork | undefined {
  if (name === undefined) return undefined;
  const config = networks[name];
  const others = Object.keys(networks).filter((one) => networks[one].type === "http");
  if (config === undefined) {
    throw new FatalError("NETWORK_UNKNOWN", `hardhat.config.ts has no network "${name}"`, {
      data: { name, known: others },
      hint: `Use --network with one of: ${others.join(", ")}.`,
    });
  }
  if (config.type !== "http") {
    throw new FatalError("NETWORK_IN_PROCESS", `network "${name}" lives only inside one command`, {
      data: { name },
      hint: "Start it with npx hardhat node, and use --network localhost.",
    });
  }
  const { url, accounts } = config;
  return {
    name,
    rpcUrl: () => readVariable(name, "the RPC URL (WEFT_RPC_URL)", url, (variable) => variable.getUrl()),
    async account() {
      if (accounts === "remote") return undefined;
      if (!Array.isArray(accounts)) {
        throw new FatalError("ACCOUNT_UNSUPPORTED", `network "${name}" derives its accounts from words`, {
          data: { name },
          hint: "Use --coldkey FILE, or a network whose configuration lists private keys.",
        });
      }
      if (accounts.length === 0) return undefined;
      const what = "the private key (WEFT_PRIVATE_KEY)";
      return readVariable(name, what, accounts[0], async (variable) =>
        accountOf(await variable.getHexString()),
      );
    },
  };
}

async function readVariable<Value>(
  name: string,
  what: string,
  variable: ResolvedConfigurationVariable,
  read: (variable: ResolvedConfigurationVariable) => Promise<Value>,
): Promise<Value> {
  try {
    return await read(variable);
  } catch {
    // Without cause: its message may quote a secret.
    throw new FatalError("CONFIG_VARIABLE_UNUSABLE", `${what} of network "${name}" is missing or malformed`, {
      data: { name, what },
      hint: "Set it in the environment, or with: npx hardhat keystore set NAME.",
    });
  }
}

function accountOf(key: string): PrivateKeyAccount {
  if (!isHex(key) || size(key) !== 32) throw new TypeError("not a private key");
  return privateKeyToAccount(key);
}
