import { network } from "hardhat";
import { createPublicClient, type Hex, http, type PublicClient, parseEther } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { type Handler, type RpcRequest, serveRpc } from "../../lab/chain/rpcServer.ts";
import { type ConnectOptions, connectRun } from "../../workers/chain/connectRun.ts";
import { type RunContracts, type SigningRun, signingRun } from "../../workers/chain/run.ts";
import type { SenderSettings } from "../../workers/chain/sender.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { type DeployedRun, deployRun } from "./deployedRun.ts";

/** Never aborts. */
export const never = new AbortController().signal;
export const WEFT = 10n ** 18n;

type Interceptor = (request: RpcRequest, forward: Handler) => Promise<unknown>;

/**
 * A deployed run behind an HTTP RPC that a test can make misbehave. Round 0 starts 1,000 s after deployment; phases
 * of a round of 1,000 s end at 600, 800 and 1,000 s. Blocks are mined per transaction, or by hand after `manual()`.
 * @param chainId another than Hardhat's own where a chain on which things have value is wanted
 */
export async function faultyChain(chainId = 31_337) {
  const connection = await network.create({ override: { chainId } });
  const { provider, networkHelpers, viem } = connection;
  const [bank] = await viem.getWalletClients();
  let intercept: Interceptor | undefined;
  const forward: Handler = ({ method, params }) => provider.request({ method, params: [...params] });
  const requests: RpcRequest[] = [];
  const rpcUrl = await serveRpc((request) => {
    requests.push(request);
    return intercept === undefined ? forward(request) : intercept(request, forward);
  });
  const client: PublicClient = createPublicClient({ transport: http(rpcUrl), cacheTime: 0 });
  const genesis = Number((await client.getBlock()).timestamp) + 1000;
  const times = { period: 1000, commitSeconds: 600, revealSeconds: 800 };
  const allocation = new Map([[bank.account.address, 100_000n * WEFT]]);
  await networkHelpers.mine(3);
  const contracts: DeployedRun = await deployRun(connection, genesis, allocation, times);

  /** Connects with short waits, as a worker would. */
  function connect(options: Partial<ConnectOptions> = {}): Promise<RunContracts> {
    return connectRun({ rpcUrl, registry: contracts.runRegistry, signal: never, ...options });
  }

  /** A new key with coin and tokens, and its sender. */
  async function participant(settings: Partial<SenderSettings> = {}, tokens = 1_000n * WEFT) {
    const account = privateKeyToAccount(generatePrivateKey());
    await networkHelpers.setBalance(account.address, parseEther("10"));
    if (tokens > 0n) {
      const token = await viem.getContractAt("WeftToken", contracts.token);
      await token.write.transfer([account.address, tokens]);
    }
    const run = await connect();
    const signing = signingRun(run, account, { clock: systemClock, settings: { pollMs: 10, ...settings } });
    return { account, signing };
  }

  return {
    rpcUrl,
    client,
    genesis,
    contracts,
    provider,
    networkHelpers,
    connect,
    participant,
    requests,
    /** Puts a fault between the workers and the chain; undefined takes it away. */
    intercept(next: Interceptor | undefined) {
      intercept = next;
    },
    /** Blocks come by `mine` only, or again with each transaction. */
    async manual(on: boolean) {
      await provider.request({ method: "evm_setAutomine", params: [!on] });
    },
    mine: (blocks = 1) => networkHelpers.mine(blocks),
    /** The next block stands `offset` seconds after the start of `round`; one is mined there. */
    goTo: (round: number, offset: number) => networkHelpers.time.increaseTo(genesis + round * 1000 + offset),
    nonceOf: (address: Hex) => client.getTransactionCount({ address }),
  };
}

export type FaultyChain = Awaited<ReturnType<typeof faultyChain>>;
export interface Participant {
  readonly account: PrivateKeyAccount;
  readonly signing: SigningRun;
}
