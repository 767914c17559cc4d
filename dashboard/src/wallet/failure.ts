import { decodeErrorResult, type Hex, isHex } from "viem";
import { errorAbi } from "../../../workers/chain/generated/abi.ts";
import { dateTime, exactTokens } from "../format.ts";

/** Why nothing was done, in words. `code` is a custom error's name, or one of this page's in capitals. */
export interface WalletFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Something of this page's own that a wallet is not to blame for. */
export class WalletError extends Error {
  override readonly name = "WalletError";
  readonly failure: WalletFailure;

  constructor(failure: WalletFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}

type Values = Readonly<Record<string, unknown>>;

const weft = (value: unknown) =>
  typeof value === "bigint" ? `${exactTokens(value)} WEFT` : "an unknown amount";
const date = (value: unknown) =>
  typeof value === "bigint" ? `${dateTime(Number(value))} UTC` : "an unknown time";

/** Custom errors that these calls meet: what happened, and what to do. */
const reverts: Readonly<Record<string, (values: Values) => readonly [string, string]>> = {
  DeadlinePassed: () => ["The call came too late.", "Send it again."],
  InactiveNeuron: ({ neuronId }) => [`Neuron ${neuronId} holds no uid now.`, "Stake on another neuron."],
  ZeroShares: () => ["The amount is too small for a share of the pool.", "Stake more."],
  ZeroAssets: () => ["The shares are worth less than the smallest amount.", "Unstake more."],
  SharesBelowMinimum: () => ["The pool's price moved meanwhile.", "Try again."],
  AssetsBelowMinimum: () => ["The pool's price moved meanwhile.", "Try again."],
  InsufficientShares: () => [
    "There is less staked than you want to unstake.",
    "Reload, and unstake no more than that.",
  ],
  NothingMatured: ({ nextReleaseAt }) =>
    nextReleaseAt === 0n
      ? ["Nothing waits to be withdrawn from this neuron.", "Unstake first."]
      : ["Nothing can be withdrawn yet.", `Come back at ${date(nextReleaseAt)}.`],
  NothingToClaim: ({ neuronId }) => [
    `Neuron ${neuronId} has earned nothing since its last claim.`,
    "Come back after a settlement.",
  ],
  Paused: ({ until }) => [
    `Staking is paused until ${date(until)}.`,
    "Unstaking, withdrawals and claims stay open.",
  ],
  Closed: ({ closedAt }) => [
    `The run ended at ${date(closedAt)}.`,
    "Unstaking, withdrawals and claims stay open.",
  ],
  PermitFailed: () => [
    "The signature does not fit this account or token.",
    "Sign again with the same account.",
  ],
  ERC20InsufficientBalance: ({ balance, needed }) => [
    `The account has ${weft(balance)} and needs ${weft(needed)}.`,
    "Stake less.",
  ],
  ERC20InsufficientAllowance: ({ needed }) => [
    `The contract may not take ${weft(needed)}.`,
    "Try again, and sign the permit.",
  ],
};

/** JSON-RPC codes of wallets (EIP-1193, EIP-1474, EIP-3326). */
const codes: Readonly<Record<number, WalletFailure>> = {
  4001: { code: "REJECTED", message: "You declined in the wallet.", hint: "Nothing was sent." },
  4100: {
    code: "NOT_ALLOWED",
    message: "The wallet does not let this page use the account.",
    hint: "Connect again.",
  },
  4200: { code: "UNSUPPORTED", message: "The wallet cannot do this.", hint: "Use another wallet." },
  4900: {
    code: "DISCONNECTED",
    message: "The wallet reaches no chain.",
    hint: "Check the wallet's network.",
  },
  4901: {
    code: "DISCONNECTED",
    message: "The wallet does not reach this chain.",
    hint: "Check the wallet's network.",
  },
  4902: {
    code: "CHAIN_UNKNOWN",
    message: "The wallet does not know this chain.",
    hint: "Add it in the wallet with an RPC URL that you trust, then try again.",
  },
  [-32002]: {
    code: "PENDING",
    message: "The wallet already asks for something.",
    hint: "Open the wallet and answer there.",
  },
};

/** What to tell of whatever a wallet, a node or viem threw. */
export function failureOf(error: unknown): WalletFailure {
  if (error instanceof WalletError) return error.failure;
  const layers = layersOf(error);
  for (const layer of layers) {
    if (isHex(layer.data) && layer.data.length >= 10) return revertFailure(layer.data);
  }
  for (const layer of layers) {
    const known = typeof layer.code === "number" ? codes[layer.code] : undefined;
    if (known !== undefined) return known;
  }
  const text = layers.map(({ message }) => (typeof message === "string" ? message : "")).join(" ");
  if (/insufficient funds|doesn't have enough funds/i.test(text)) {
    return {
      code: "NO_COIN",
      message: "The account has too little of the chain's coin for gas.",
      hint: "Send it some, then try again.",
    };
  }
  const first = layers.find(({ message }) => typeof message === "string");
  return {
    code: "WALLET_FAILED",
    message: `The wallet answered: ${String(first?.message ?? error).slice(0, 200)}`,
    hint: "Look into the wallet, then try again.",
  };
}

/** The failure that revert data stands for. */
export function revertFailure(data: Hex): WalletFailure {
  try {
    const { errorName, args, abiItem } = decodeErrorResult({ abi: errorAbi, data });
    const inputs: readonly { readonly name?: string }[] = "inputs" in abiItem ? abiItem.inputs : [];
    const given: readonly unknown[] = args ?? [];
    const values = Object.fromEntries(
      given.map((value, index) => [inputs[index]?.name || `${index}`, value]),
    );
    const [message, hint] = reverts[errorName]?.(values) ?? [
      `The contract refused: ${errorName}.`,
      listOf(values),
    ];
    return { code: errorName, message, hint };
  } catch {
    return {
      code: "REVERTED",
      message: "The contract refused for a reason this page does not know.",
      hint: data.slice(0, 74),
    };
  }
}

function listOf(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}

interface Layer {
  readonly code?: unknown;
  readonly data?: unknown;
  readonly message?: unknown;
}

/** An error, its causes and what nodes wrap in `data`, outermost first. */
function layersOf(error: unknown): readonly Layer[] {
  const layers: Layer[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && layers.length < 16) {
    const next = queue.shift();
    if (typeof next !== "object" || next === null) continue;
    const { cause, data, originalError } = next as Readonly<Record<string, unknown>>;
    layers.push(next);
    queue.push(cause, data, originalError);
  }
  return layers;
}
