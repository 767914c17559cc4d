import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { keccak256 } from "viem";
import { attest } from "../../../workers/chain/actions/attest.ts";
import { claim } from "../../../workers/chain/actions/claim.ts";
import { claimPermit } from "../../../workers/chain/actions/claimPermit.ts";
import { commitUpdate } from "../../../workers/chain/actions/commitUpdate.ts";
import { commitWeights } from "../../../workers/chain/actions/commitWeights.ts";
import { fund } from "../../../workers/chain/actions/fund.ts";
import { readBalances } from "../../../workers/chain/actions/readBalances.ts";
import { readConsensusParameters } from "../../../workers/chain/actions/readConsensusParameters.ts";
import { readMetagraph } from "../../../workers/chain/actions/readMetagraph.ts";
import { readNeuron } from "../../../workers/chain/actions/readNeuron.ts";
import { type Registered, register } from "../../../workers/chain/actions/register.ts";
import { revealUpdate } from "../../../workers/chain/actions/revealUpdate.ts";
import { revealWeights } from "../../../workers/chain/actions/revealWeights.ts";
import { settleEpoch } from "../../../workers/chain/actions/settleEpoch.ts";
import { stake } from "../../../workers/chain/actions/stake.ts";
import { unstake } from "../../../workers/chain/actions/unstake.ts";
import { withdraw } from "../../../workers/chain/actions/withdraw.ts";
import { ContractRevert } from "../../../workers/chain/contractRevert.ts";
import { EventSource } from "../../../workers/chain/eventSource.ts";
import { updateCommitment, weightsCommitment } from "../../../workers/protocol/commitment.ts";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { RunHistory } from "../../../workers/protocol/runHistory.ts";
import { prepareSettlement } from "../../../workers/protocol/settlement.ts";
import { packRow } from "../../../workers/protocol/weights.ts";
import { type FaultyChain, faultyChain, never, type Participant, WEFT } from "../../support/faultyChain.ts";

const digest = keccak256("0x01");
const dataRoot = keccak256("0x02");
const salt = keccak256("0x03");
const size = 100;

function refusal(errorName: string, retryable: boolean) {
  return (error: unknown) =>
    error instanceof ContractRevert &&
    error.errorName === errorName &&
    error.retryable === retryable &&
    error.hint !== undefined;
}

describe("Actions, in the order of a run", () => {
  let chain: FaultyChain;
  let miner: Participant & { neuron: Registered };
  let validator: Participant & { neuron: Registered };
  before(async () => {
    chain = await faultyChain();
    const join = async () => {
      const hot = await chain.participant({}, 0n);
      const cold = await chain.participant();
      const neuron = await register(cold.signing, { hotkey: hot.account }, never);
      return { cold, hot: { ...hot, neuron } };
    };
    const first = await join();
    const second = await join();
    miner = first.hot;
    validator = second.hot;
    await stake(second.cold.signing, validator.neuron.neuronId, 100n * WEFT, never);
  });

  const identity = (round: number) => ({
    chainId: 31337,
    ledger: miner.signing.addresses.updateLedger,
    neuronId: miner.neuron.neuronId,
    round,
  });

  it("register, two hotkeys with permits for the burn, hold uids 0 and 1", async () => {
    assert.deepEqual([miner.neuron.uid, validator.neuron.uid], [0, 1]);
    assert.ok(miner.neuron.burned > 0n && validator.neuron.burned > miner.neuron.burned);
    assert.deepEqual(await readNeuron(miner.signing, validator.account.address, never), {
      neuronId: 2n,
      uid: 1,
    });
  });

  it("register, a hotkey that serves, is HotkeyTaken", async () => {
    const { signing } = await chain.participant();
    await assert.rejects(register(signing, { hotkey: miner.account }, never), refusal("HotkeyTaken", false));
  });

  it("register, a lower limit than the price, is BurnAboveMaximum", async () => {
    const { signing, account: hotkey } = await chain.participant();
    await assert.rejects(
      register(signing, { hotkey, maxBurn: 1n }, never),
      refusal("BurnAboveMaximum", false),
    );
  });

  it("register, a coldkey without tokens, is ERC20InsufficientBalance", async () => {
    const { signing, account: hotkey } = await chain.participant({}, 0n);
    await assert.rejects(register(signing, { hotkey }, never), refusal("ERC20InsufficientBalance", false));
  });

  it("readNeuron, an unknown hotkey, is NOT_REGISTERED", async () => {
    await assert.rejects(
      readNeuron(miner.signing, miner.signing.addresses.token, never),
      (error) => error instanceof FatalError && error.code === "NOT_REGISTERED" && error.hint !== undefined,
    );
  });

  it("claimPermit, too little stake then enough, is refused then stands in the metagraph", async () => {
    await assert.rejects(claimPermit(miner.signing, 0, never), refusal("StakeBelowMinimum", false));
    await claimPermit(validator.signing, 1, never);
    const { rows, epoch, burnPrice } = await readMetagraph(miner.signing, never);
    assert.equal(epoch, 0);
    assert.ok(burnPrice > 0n);
    assert.deepEqual(
      rows.map(({ uid, hotkey, stake, permitted, incentive }) => ({
        uid,
        hotkey,
        stake,
        permitted,
        incentive,
      })),
      [
        { uid: 0, hotkey: miner.account.address, stake: 0n, permitted: false, incentive: 0 },
        { uid: 1, hotkey: validator.account.address, stake: 100n * WEFT, permitted: true, incentive: 0 },
      ],
    );
  });

  it("fund, coin and tokens, arrive", async () => {
    const rich = await chain.participant();
    const to = "0x00000000000000000000000000000000000000bb";
    assert.equal((await fund(rich.signing, { to, coin: 5n, tokens: 6n }, never)).length, 2);
    assert.deepEqual(await readBalances(rich.signing, to, never), { coin: 5n, tokens: 6n });
  });

  it("stake and unstake, part of it then all, give back what was staked but for rounding", async () => {
    const delegator = await chain.participant();
    const { neuronId } = miner.neuron;
    assert.ok((await stake(delegator.signing, neuronId, 10n * WEFT, never)).shares > 0n);
    const part = await unstake(delegator.signing, neuronId, 4n * WEFT, never);
    const rest = await unstake(delegator.signing, neuronId, "all", never);
    const loss = 10n * WEFT - part.assets - rest.assets;
    assert.ok(part.assets >= 4n * WEFT - 1n && loss >= 0n && loss <= 2n, `${part.assets} ${rest.assets}`);
    assert.equal(rest.releaseAt, chain.genesis + 3 * 3000);
    await assert.rejects(withdraw(delegator.signing, neuronId, never), refusal("NothingMatured", true));
    await assert.rejects(
      unstake(delegator.signing, neuronId, "all", never),
      refusal("InsufficientShares", false),
    );
  });

  it("claim, nothing earned, is NothingToClaim", async () => {
    await assert.rejects(
      claim(miner.signing, miner.neuron.neuronId, never),
      refusal("NothingToClaim", false),
    );
  });

  it("commitUpdate, before genesis, in time, and twice, is refused, goes through, and is refused", async () => {
    const commitment = updateCommitment(identity(0), { digest, size, dataRoot }, salt);
    const update = { round: 0, digest, size, commitment };
    await assert.rejects(commitUpdate(miner.signing, update, never), refusal("BeforeGenesis", true));
    await chain.goTo(0, 10);
    await assert.rejects(
      commitUpdate(miner.signing, { ...update, round: 1 }, never),
      refusal("WrongRound", true),
    );
    await commitUpdate(miner.signing, update, never);
    await assert.rejects(commitUpdate(miner.signing, update, never), refusal("AlreadyCommitted", false));
  });

  it("revealUpdate, too early, another salt, in time, and too late", async () => {
    const reveal = { round: 0, digest, size, dataRoot, salt };
    await assert.rejects(revealUpdate(miner.signing, reveal, never), refusal("WrongPhase", true));
    await chain.goTo(0, 610);
    const other = { ...reveal, salt: dataRoot };
    await assert.rejects(revealUpdate(miner.signing, other, never), refusal("WrongReveal", false));
    await assert.rejects(revealUpdate(validator.signing, reveal, never), refusal("NoCommitment", false));
    await revealUpdate(miner.signing, reveal, never);
    await chain.goTo(0, 810);
    await assert.rejects(revealUpdate(miner.signing, reveal, never), refusal("WrongPhase", false));
  });

  it("revealUpdate, a hotkey that is not registered, is NotRegistered", async () => {
    await chain.goTo(1, 610);
    const stranger = await chain.participant();
    const reveal = { round: 1, digest, size, dataRoot, salt };
    await assert.rejects(revealUpdate(stranger.signing, reveal, never), refusal("NotRegistered", false));
  });

  it("attest, by a miner and a validator, is NotPermitted and goes through", async () => {
    await chain.goTo(1, 810);
    await assert.rejects(
      attest(miner.signing, { round: 1, bitmap: 1n }, never),
      refusal("NotPermitted", false),
    );
    await attest(validator.signing, { round: 1, bitmap: 1n }, never);
  });

  it("commitWeights, revealWeights, settleEpoch, each in its round, credit miner and validator", async () => {
    const row = packRow([1000, 0]);
    const ledger = validator.signing.addresses.weightLedger;
    const commitment = weightsCommitment({ chainId: 31337, ledger, neuronId: 2n, epoch: 0 }, row, salt);
    const weights = { epoch: 0, commitment, logDigest: digest, logSize: 7 };
    await assert.rejects(commitWeights(validator.signing, weights, never), refusal("WrongWindow", true));
    await chain.goTo(3, 10);
    await commitWeights(validator.signing, weights, never);
    await chain.goTo(4, 10);
    await revealWeights(validator.signing, { epoch: 0, row, salt }, never);
    await chain.goTo(5, 10);

    const history = new RunHistory(validator.signing.clock);
    const { events } = await new EventSource(validator.signing).poll(never);
    history.apply(events);
    const parameters = await readConsensusParameters(validator.signing, 0, never);
    const prepared = prepareSettlement(history, 0, parameters);
    assert.ok(prepared !== undefined);
    await settleEpoch(validator.signing, prepared, never);
    await assert.rejects(settleEpoch(validator.signing, prepared, never), refusal("AlreadySettled", false));

    const { rows } = await readMetagraph(validator.signing, never);
    assert.equal(rows[0].incentive, 1);
    const { coldkey } = rows[0];
    const before = await readBalances(miner.signing, coldkey, never);
    const { amount } = await claim(miner.signing, miner.neuron.neuronId, never);
    assert.equal(amount, rows[0].earned);
    assert.ok(amount > 0n && rows[1].stake > 100n * WEFT);
    assert.equal((await readBalances(miner.signing, coldkey, never)).tokens, before.tokens + amount);
  });
});
