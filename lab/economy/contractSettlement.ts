import { keccak256, parseEther, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { Participant } from "../../scripts/localnet/participants.ts";
import { commitWeights } from "../../workers/chain/actions/commitWeights.ts";
import { readConsensusParameters } from "../../workers/chain/actions/readConsensusParameters.ts";
import { revealWeights } from "../../workers/chain/actions/revealWeights.ts";
import { settleEpoch } from "../../workers/chain/actions/settleEpoch.ts";
import { EventSource } from "../../workers/chain/eventSource.ts";
import { signingRun } from "../../workers/chain/run.ts";
import { RunFollower } from "../../workers/node/follower.ts";
import { weightsCommitment } from "../../workers/protocol/commitment.ts";
import { FatalError } from "../../workers/protocol/errors.ts";
import { prepareSettlement } from "../../workers/protocol/settlement.ts";
import { packRow } from "../../workers/protocol/weights.ts";
import { silentLog } from "../../workers/runtime/log.ts";
import { openLabChain } from "../chain/labChain.ts";
import { publishLabRun } from "../training/labRun.ts";
import { LabStore } from "../training/labStore.ts";
import { VirtualClock } from "../training/virtualClock.ts";
import type { SettledEpoch } from "./economy.ts";

const tempo = 3;
const seconds = 1;
const minerStake = parseEther("1");

/** An economy's rows settled by the real contracts. */
export interface ContractSettlement {
  /**
   * Commits, reveals and settles an epoch's rows; the chain's own epochs follow one another, whichever the economy's are.
   * @throws FatalError `LAB_SETTLEMENT_DIFFERS` where the contracts give other figures than the twin
   */
  settle(settled: SettledEpoch): Promise<void>;
}

/** Registers `uids` neurons, the first of which are validators with the given stake, on a chain of its own. */
export async function openContractSettlement(
  uids: number,
  stake: readonly bigint[],
  signal: AbortSignal,
): Promise<ContractSettlement> {
  const clock = new VirtualClock();
  const store = new LabStore();
  const chain = await openLabChain({
    store,
    manifest: await publishLabRun(store, 1, tempo, signal),
    people: Array.from({ length: uids }, (_, uid) => participant(uid, stake[uid])),
    // Almost no emission: stake stays what the economy reckons with.
    overrides: {
      maxUids: uids,
      maxValidators: stake.length,
      maxRegistrationsPerEpoch: uids,
      initialBurn: parseEther("0.1"),
      maxBurn: parseEther("0.1"),
      baseRate: 1n,
    },
    clock,
    signal,
  });
  const { contracts, participants } = chain;
  const signers = participants.slice(0, stake.length).map(({ hotkey, neuronId }) => ({
    neuronId,
    signing: signingRun(contracts, hotkey, { clock }),
  }));
  const follower = new RunFollower({ contracts, events: new EventSource(contracts), clock, log: silentLog });
  const weights = { chainId: contracts.chainId, ledger: contracts.addresses.weightLedger };
  let epoch = 0;

  return {
    async settle({ input, result }) {
      const current = epoch++;
      const first = (current + 1) * tempo;
      const taking = signers.flatMap((signer, index) => {
        if (input.stake[index] === 0n) return [];
        const row = packRow(input.weights[index]);
        const salt = keccak256(toHex(`${signer.neuronId} ${current}`));
        return [{ ...signer, row, salt }];
      });
      await chain.goTo(first, seconds);
      for (const { signing, neuronId, row, salt } of taking) {
        const commitment = weightsCommitment({ ...weights, neuronId, epoch: current }, row, salt);
        const log = { logDigest: keccak256(row), logSize: 1 };
        await commitWeights(signing, { epoch: current, commitment, ...log }, signal);
      }
      await chain.goTo(first + 1, seconds);
      for (const { signing, row, salt } of taking)
        await revealWeights(signing, { epoch: current, row, salt }, signal);
      await chain.goTo(first + 2, seconds);
      await follower.sync(signal);
      const [{ signing }] = signers;
      const parameters = await readConsensusParameters(signing, current, signal);
      const prepared = prepareSettlement(follower.history, current, parameters);
      if (prepared === undefined) throw differs(current, "nothing");
      await settleEpoch(signing, { epoch: current, witness: prepared.witness }, signal);
      await follower.sync(signal);
      const settlement = follower.history.settlements.at(-1);
      const { expected } = prepared;
      if (settlement?.epoch !== current) throw differs(current, "nothing");
      requireSame(current, "consensus", settlement.consensus, result.consensus);
      requireSame(current, "incentive", settlement.incentives, result.incentive);
      // Bonds are the chain's own: dividends are compared with the twin's on these.
      requireSame(current, "dividends", settlement.dividends, expected.dividends);
    },
  };
}

function requireSame(
  epoch: number,
  what: string,
  found: readonly bigint[],
  expected: readonly bigint[],
): void {
  const same = found.length === expected.length && found.every((value, index) => value === expected[index]);
  if (!same) throw differs(epoch, what);
}

function differs(epoch: number, what: string): FatalError {
  return new FatalError("LAB_SETTLEMENT_DIFFERS", `the contracts settled other ${what} than the twin`, {
    data: { epoch, what },
    hint: "Twin or contracts changed: compare them with node --test test/differential/yuma.test.ts.",
  });
}

/** Keys of the laboratory's chain alone. */
function participant(uid: number, stake: bigint | undefined): Participant {
  const key = (kind: string) => privateKeyToAccount(keccak256(toHex(`weft.lab.key/${uid}/${kind}`)));
  return {
    name: `neuron-${uid}`,
    role: stake === undefined ? "miner" : "validator",
    behaviour: "honest",
    coldkey: key("cold"),
    hotkey: key("hot"),
    hotkeyFile: "",
    stake: stake ?? minerStake,
  };
}
