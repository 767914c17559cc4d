/** A chain that makes up a long run as it is asked for it; a process of its own, that tells its URL to its parent. */
import {
  type Abi,
  encodeAbiParameters,
  type Hex,
  keccak256,
  numberToHex,
  toFunctionSelector,
  toHex,
} from "viem";
import { serveRpc } from "../../lab/chain/rpcServer.ts";
import { encodeLog } from "../../test/support/encodeLog.ts";
import { scriptedAddresses as addresses } from "../../test/support/scriptedChain.ts";
import {
  attestationLedgerAbi,
  emissionAbi,
  epochEngineAbi,
  metagraphAbi,
  stakeManagerAbi,
  updateLedgerAbi,
  weftTokenAbi,
  weightLedgerAbi,
} from "../../workers/chain/generated/abi.ts";
import { roundStart } from "../../workers/protocol/clock.ts";
import { packU16, packU64 } from "../../workers/protocol/weights.ts";
import { blocksPerRound, clock, firstBlock, type Shape } from "./shape.ts";

type Log = ReturnType<typeof encodeLog> & { readonly address: Hex };

const one = 2n ** 32n;
const eth = 10n ** 18n;
const nobody = 2n ** 256n - 1n;
const shape: Shape = JSON.parse(process.argv[2] ?? "{}");
const { validators, miners, rounds } = shape;
const uids = Array.from({ length: validators + miners }, (_, uid) => uid);
const offsets = [1, 61, 81, 95];
let lastBlock = firstBlock + blocksPerRound * rounds;

const hashOf = (name: string): Hex => keccak256(toHex(name));
const hotkeyOf = (uid: number): Hex => `0x${(uid + 1).toString(16).padStart(40, "a")}`;
const idOf = (uid: number) => BigInt(uid + 1);
const isValidator = (uid: number) => uid < validators;

function timeOf(block: number): number {
  if (block < firstBlock) return clock.genesis - 100 + block;
  const index = block - firstBlock;
  return roundStart(clock, Math.floor(index / blocksPerRound)) + offsets[index % blocksPerRound];
}

/** What stands in a block, if it can be of one of these contracts. */
function logsOf(block: number, wanted: ReadonlySet<string>): Log[] {
  const has = (...contracts: readonly Hex[]) => contracts.some((each) => wanted.has(each));
  if (block === 1) return has(addresses.metagraph, addresses.stakeManager) ? registrations() : [];
  if (block < firstBlock) return [];
  const index = block - firstBlock;
  const round = Math.floor(index / blocksPerRound);
  const makers = [
    { make: commits, of: [addresses.updateLedger, addresses.weightLedger] },
    { make: reveals, of: [addresses.updateLedger, addresses.weightLedger] },
    { make: attestations, of: [addresses.attestationLedger] },
    { make: settlement, of: [addresses.epochEngine, addresses.emission] },
  ];
  const { make, of } = makers[index % blocksPerRound];
  return has(...of) ? make(round) : [];
}

function registrations(): Log[] {
  const logs: Log[] = [];
  let word = 0n;
  for (const uid of uids) {
    const neuron = { neuronId: idOf(uid), uid: BigInt(uid), hotkey: hotkeyOf(uid), coldkey: hotkeyOf(uid) };
    const more = { replacedNeuronId: 0n, epoch: 0, burned: 1n };
    logs.push(log(addresses.metagraph, encodeLog(metagraphAbi, "Registered", { ...neuron, ...more })));
    const pool = { neuronId: idOf(uid), epoch: 0, assets: 1_000n * eth };
    logs.push(log(addresses.stakeManager, encodeLog(stakeManagerAbi, "PoolChanged", pool)));
    if (!isValidator(uid)) continue;
    word |= 1n << BigInt(uid);
    const permit = { uid: BigInt(uid), neuronId: idOf(uid), fromEpoch: 0, word, evictedUid: nobody };
    logs.push(log(addresses.metagraph, encodeLog(metagraphAbi, "PermitClaimed", permit)));
  }
  return logs;
}

function commits(round: number): Log[] {
  const updates = uids
    .filter((uid) => !isValidator(uid))
    .map((uid) => {
      const digest = hashOf(`${round} ${uid}`);
      const args = { round: BigInt(round), hotkey: hotkeyOf(uid), digest, size: 6_800n };
      return log(addresses.updateLedger, encodeLog(updateLedgerAbi, "UpdateCommitted", args));
    });
  const epoch = round / clock.tempo - 1;
  if (!Number.isInteger(epoch) || epoch < 0) return updates;
  const weights = uids.filter(isValidator).map((uid) => {
    const commitment = hashOf(`weights ${epoch} ${uid}`);
    const named = { logDigest: commitment, logSize: 1_000n };
    const args = { epoch: BigInt(epoch), hotkey: hotkeyOf(uid), commitment, ...named };
    return log(addresses.weightLedger, encodeLog(weightLedgerAbi, "WeightsCommitted", args));
  });
  return [...updates, ...weights];
}

function reveals(round: number): Log[] {
  const updates = uids
    .filter((uid) => !isValidator(uid))
    .map((uid) => {
      const digest = hashOf(`${round} ${uid}`);
      const content = { digest, size: 6_800n, dataRoot: digest, salt: digest };
      const args = { round: BigInt(round), neuronId: idOf(uid), uid: BigInt(uid), ...content };
      return log(addresses.updateLedger, encodeLog(updateLedgerAbi, "UpdateRevealed", args));
    });
  const epoch = (round - 1) / clock.tempo - 1;
  if (!Number.isInteger(epoch) || epoch < 0) return updates;
  const row = packU16(uids.map((uid) => (isValidator(uid) ? 0 : 1 + ((uid * 37 + epoch) % 1_000))));
  const rows = uids.filter(isValidator).map((uid) => {
    const args = { epoch: BigInt(epoch), neuronId: idOf(uid), uid: BigInt(uid), row };
    return log(addresses.weightLedger, encodeLog(weightLedgerAbi, "WeightsRevealed", args));
  });
  return [...updates, ...rows];
}

function attestations(round: number): Log[] {
  const bitmap = uids
    .filter((uid) => !isValidator(uid))
    .reduce((word, uid) => word | (1n << BigInt(uid)), 0n);
  return uids.filter(isValidator).map((uid) => {
    const args = { round: BigInt(round), neuronId: idOf(uid), uid: BigInt(uid), bitmap };
    return log(addresses.attestationLedger, encodeLog(attestationLedgerAbi, "Attested", args));
  });
}

function settlement(round: number): Log[] {
  const epoch = (round - 2) / clock.tempo - 1;
  if (!Number.isInteger(epoch) || epoch < 0) return [];
  const shares = packU64(uids.map((uid) => (isValidator(uid) ? 0n : one / BigInt(miners))));
  const settled = {
    epoch: BigInt(epoch),
    round: BigInt(round),
    validatorNeuronIds: uids.filter(isValidator).map(idOf),
    incentivesQ32: shares,
    dividendsQ32: packU64(uids.filter(isValidator).map(() => one / BigInt(validators))),
    consensusQ32: shares,
    bonds: packU16(Array.from({ length: validators * uids.length }, (_, index) => index % 65_536)),
  };
  const paid = (uid: number) => word(idOf(uid), 8) + word(eth, 16);
  const credited = {
    epoch: BigInt(epoch),
    miners: `0x${uids
      .filter((uid) => !isValidator(uid))
      .map(paid)
      .join("")}`,
    validators: `0x${uids
      .filter(isValidator)
      .map((uid) => paid(uid) + word(eth / 10n, 16))
      .join("")}`,
  };
  const minted = { epoch: BigInt(epoch), total: 400n * eth, treasury: 0n, bounty: 0n, caller: hotkeyOf(0) };
  return [
    log(addresses.epochEngine, encodeLog(epochEngineAbi, "EpochSettled", settled)),
    log(addresses.emission, encodeLog(emissionAbi, "Credited", credited)),
    log(addresses.emission, encodeLog(emissionAbi, "Minted", minted)),
  ];
}

function word(value: bigint, bytes: number): string {
  return value.toString(16).padStart(2 * bytes, "0");
}

function log(address: Hex, encoded: ReturnType<typeof encodeLog>): Log {
  return { address, ...encoded };
}

/** What `view` functions give, by selector. */
const views = new Map<string, Hex>([
  view(emissionAbi, "parameters", {
    baseRate: eth,
    minerBps: 4_100n,
    validatorBps: 4_100n,
    treasuryBps: 1_800n,
    treasury: addresses.emission,
    maxBounty: 0n,
  }),
  view(emissionAbi, "endsAt", 2n ** 63n),
  view(weftTokenAbi, "MAX_SUPPLY", 21_000_000n * eth),
  view(weftTokenAbi, "issued", 1_000_000n * eth),
  view(metagraphAbi, "firstPermitEpoch", 0n),
]);

function view(abi: Abi, functionName: string, result: unknown) {
  const item = abi.find((entry) => entry.type === "function" && entry.name === functionName);
  if (item?.type !== "function") throw new Error(`no function ${functionName}`);
  return [toFunctionSelector(item), encodeAbiParameters(item.outputs, [result])] as const;
}

function header(block: number) {
  return {
    number: numberToHex(block),
    timestamp: numberToHex(timeOf(block)),
    hash: hashOf(`block ${block}`),
    parentHash: hashOf(`block ${block - 1}`),
    mixHash: hashOf(`mix ${block}`),
    transactions: [],
  };
}

interface LogFilter {
  readonly fromBlock: Hex;
  readonly toBlock: Hex;
  readonly address: readonly Hex[];
  /** The first are those of the events wanted; all where there are none. */
  readonly topics?: readonly (readonly Hex[])[];
}

const url = await serveRpc(async ({ method, params: [first] }) => {
  if (method === "eth_getBlockByNumber") return header(first === "latest" ? lastBlock : Number(first));
  if (method === "eth_call") return views.get((first as { data: string }).data);
  if (method === "eth_chainId") return numberToHex(31_337);
  if (method !== "eth_getLogs") throw new Error(`no answer to ${method}`);
  const { fromBlock, toBlock, address, topics } = first as LogFilter;
  const wanted = new Set(address.map((each) => each.toLowerCase()));
  const events = topics?.[0];
  const logs: unknown[] = [];
  for (let block = Number(fromBlock); block <= Number(toBlock); block++) {
    const place = {
      blockNumber: numberToHex(block),
      blockHash: hashOf(`block ${block}`),
      transactionIndex: "0x0",
    };
    for (const [index, each] of logsOf(block, wanted).entries()) {
      if (!wanted.has(each.address) || events?.includes(each.topics[0]) === false) continue;
      logs.push({
        ...each,
        ...place,
        logIndex: numberToHex(index),
        transactionHash: place.blockHash,
        removed: false,
      });
    }
  }
  return logs;
});
/** Whatever the parent says: another block is there. */
process.on("message", () => {
  lastBlock += 1;
});
process.on("disconnect", () => process.exit());
process.send?.(url);
