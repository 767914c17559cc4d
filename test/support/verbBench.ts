import assert from "node:assert/strict";
import type { PrivateKeyAccount } from "viem/accounts";
import type { ConfiguredNetwork } from "../../scripts/tasks/configuredNetwork.ts";
import { namedKey, type Role } from "../../scripts/tasks/keys.ts";
import type { VerbContext } from "../../scripts/tasks/verb.ts";
import { writeNetworkFile } from "../../workers/cli/networkFile.ts";
import { WeftError } from "../../workers/protocol/errors.ts";
import { noPassphrase } from "../../workers/runtime/passphrase.ts";
import { faultyChain, never } from "./faultyChain.ts";

/** The context of a verb that nobody watches. */
export const unattended: VerbContext = {
  network: undefined,
  signal: never,
  say() {},
  consent: { dryRun: false, yes: false, confirm: undefined },
  passphrase: noPassphrase,
};

/** A deployed run, its network.json in a folder of the suite's own, and what verbs need besides. */
export async function verbBench(dir: string, chainId = 31_337) {
  const chain = await faultyChain(chainId);
  const { rpcUrl, contracts } = chain;
  const file = { rpcUrl, chainId, registry: contracts.runRegistry, store: dir, deployBlock: 0 };
  await writeNetworkFile(dir, file);
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const context: VerbContext = { ...unattended, signal: never, say };
  return {
    chain,
    dir,
    file,
    context,
    /** What verbs told on the way, oldest first. */
    said,
    /** The options of every verb, as Hardhat hands them over. */
    options: { dir, json: false },
    key: (name: string, role: Role) => namedKey({ dir }, name, role, context, "refuse"),
    /** The context under `--network` with an account of its own. */
    configured(account: PrivateKeyAccount): VerbContext {
      const network: ConfiguredNetwork = {
        name: "test",
        rpcUrl: () => Promise.resolve(rpcUrl),
        account: () => Promise.resolve(account),
      };
      return { ...context, network };
    },
    /** Lets the chain call itself by another id while `work` runs. */
    async elsewhere(work: () => Promise<void>): Promise<void> {
      chain.intercept((request, forward) =>
        request.method === "eth_chainId" ? Promise.resolve("0x2105") : forward(request),
      );
      try {
        await work();
      } finally {
        chain.intercept(undefined);
      }
    },
  };
}

export type VerbBench = Awaited<ReturnType<typeof verbBench>>;

/** Asserts that a verb ends with an error of this code, and, for a contract's refusal, of this name. */
export async function rejectsWith(work: Promise<unknown>, code: string, errorName?: string): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof WeftError, String(error));
    assert.equal(error.code, code, error.message);
    if (errorName !== undefined) assert.equal(error.data.errorName, errorName);
    assert.ok(error.hint !== undefined, `${code} says what to do`);
    return true;
  });
}
