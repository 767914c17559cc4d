import { type Address, getAddress, keccak256, parseAbi, toBytes, zeroAddress, zeroHash } from "viem";
import { roles } from "../../ignition/roles.ts";
import { epochEngineAbi } from "../../workers/chain/generated/abi.ts";
import { callRpc } from "../../workers/chain/rpcErrors.ts";
import type { RunContracts } from "../../workers/chain/run.ts";

/** What somebody may do beyond what everybody may. */
export interface Power {
  /** The contract that grants it: the run's `AccessManager` or the timelock. */
  readonly grantedBy: "authority" | "timelock";
  /** Name of the role: admin, guardian, run; proposer, canceller, executor, timelock admin. */
  readonly role: string;
  readonly account: Address;
  /** `key`: an account that a single key commands. `anyone`: the zero address as the timelock's executor. */
  readonly holder: "contract" | "key" | "anyone" | "nobody";
}

/** Who governs a run, and how long it takes. */
export interface Powers {
  readonly authority: Address;
  readonly timelock: Address | undefined;
  readonly governor: Address | undefined;
  /** Seconds that an accepted proposal waits. */
  readonly timelockDelay: number | undefined;
  readonly powers: readonly Power[];
}

const authorityAbi = parseAbi([
  "event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember)",
  "event RoleRevoked(uint64 indexed roleId, address indexed account)",
]);
const timelockAbi = parseAbi([
  "event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
  "event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)",
  "function getMinDelay() view returns (uint256)",
]);

const authorityRoles = new Map<bigint, string>([
  [roles.admin, "admin"],
  [roles.guardian, "guardian"],
  [roles.run, "run"],
]);
const timelockRoles = new Map<string, string>([
  [zeroHash, "timelock admin"],
  ...["PROPOSER", "CANCELLER", "EXECUTOR"].map(
    (name) => [keccak256(toBytes(`${name}_ROLE`)), name.toLowerCase()] as const,
  ),
]);

interface Grant {
  readonly eventName: string;
  readonly args: { readonly account?: Address | undefined };
}

/**
 * Every holder of every role over a run, from the events of its authority and of the timelock that is its admin: not what
 * a deployment meant to set, but what stands. @throws RetryableError as `rpcError`
 */
export async function readPowers(run: RunContracts, signal: AbortSignal): Promise<Powers> {
  const { publicClient: client, addresses, deployBlock: fromBlock } = run;
  const authority = await callRpc("read the authority", signal, () =>
    client.readContract({ address: addresses.epochEngine, abi: epochEngineAbi, functionName: "authority" }),
  );
  const ofAuthority = await callRpc("read the authority's roles", signal, () =>
    client.getContractEvents({ address: authority, abi: authorityAbi, fromBlock }),
  );
  const powers: Power[] = [];
  const add = async (grantedBy: Power["grantedBy"], role: string, accounts: readonly Address[]) => {
    for (const account of accounts)
      powers.push({ grantedBy, role, account, holder: await holderOf(run, role, account, signal) });
  };
  for (const [id, name] of authorityRoles) {
    await add("authority", name, holders(ofAuthority.filter(({ args }) => args.roleId === id)));
  }
  const timelock = powers.find(({ role, holder }) => role === "admin" && holder === "contract")?.account;
  if (timelock === undefined) {
    return { authority, timelock, governor: undefined, timelockDelay: undefined, powers };
  }
  const contract = { address: timelock, abi: timelockAbi } as const;
  const [ofTimelock, delay] = await callRpc("read the timelock's roles", signal, () =>
    Promise.all([
      client.getContractEvents({ ...contract, fromBlock }),
      client.readContract({ ...contract, functionName: "getMinDelay" }),
    ]),
  );
  for (const [id, name] of timelockRoles) {
    await add("timelock", name, holders(ofTimelock.filter(({ args }) => args.role === id)));
  }
  const governor = powers.find(({ role }) => role === "proposer")?.account;
  return { authority, timelock, governor, timelockDelay: Number(delay), powers };
}

/** Accounts that were granted a role and not deprived of it, in the order of the chain. */
function holders(events: readonly Grant[]): Address[] {
  const held = new Set<Address>();
  for (const { eventName, args } of events) {
    if (args.account === undefined) continue;
    if (eventName === "RoleGranted") held.add(getAddress(args.account));
    else held.delete(getAddress(args.account));
  }
  return [...held];
}

async function holderOf(
  run: RunContracts,
  role: string,
  account: Address,
  signal: AbortSignal,
): Promise<Power["holder"]> {
  if (account === zeroAddress) return role === "executor" ? "anyone" : "nobody";
  const code = await callRpc("read an account's code", signal, () =>
    run.publicClient.getCode({ address: account }),
  );
  return code === undefined || code === "0x" ? "key" : "contract";
}

/** Powers that a single key commands: none after the hand-over. The timelock holds itself. */
export function keysInPower({ powers }: Powers): Power[] {
  return powers.filter(({ holder }) => holder === "key");
}
