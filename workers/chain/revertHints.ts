import { formatEther } from "viem";

type Values = Readonly<Record<string, unknown>>;

/** What to do about a contract's error, by its name. One sentence or two; values in words. */
const hints: Readonly<Record<string, (values: Values) => string>> = {
  WrongRound: ({ given, current }) =>
    under(given, current)
      ? `Round ${given} is over, it is round ${current} now. The worker goes on with the current round.`
      : `It is round ${current}; round ${given} has not begun.`,
  WrongPhase: ({ offset, from, until }) =>
    under(offset, from)
      ? `The phase has not begun: it opens ${from} s into the round, this came at ${offset} s.`
      : `The phase of this round is over: it closed ${until} s into the round, this came at ${offset} s. Wait for the next round.`,
  WrongWindow: ({ epoch, round, expected, from, until }) =>
    expected === undefined
      ? `Epoch ${epoch} can be settled in rounds ${from} to ${minusOne(until)}; it is round ${round}.`
      : `For epoch ${epoch} this is due in round ${expected}; it is round ${round}.`,
  BeforeGenesis: ({ time, genesis }) => `The run begins at ${date(genesis)}; it is ${date(time)}.`,
  NotRegistered: ({ hotkey }) =>
    `Hotkey ${hotkey} is not registered. Run: npx hardhat register --network <network> (see --help).`,
  HotkeyTaken: ({ hotkey, neuronId }) =>
    `Hotkey ${hotkey} already serves neuron ${neuronId}. Use another hotkey.`,
  InvalidConsent: ({ hotkey }) =>
    `The consent is not signed by hotkey ${hotkey}. Check the key file and the chain.`,
  BurnAboveMaximum: ({ price, maxBurn }) =>
    `Registering costs ${tokens(price)} now, more than the ${tokens(maxBurn)} allowed. Raise --max-burn or wait.`,
  RegistrationsExhausted: ({ epoch, maximum }) =>
    `The ${maximum} registrations of epoch ${epoch} are used up. Try again in the next epoch.`,
  NoReplaceableUid: () =>
    "All slots are held by neurons that may not be replaced yet. Try again in a later epoch.",
  NotPermitted: ({ uid, epoch }) =>
    `Uid ${uid} may not validate in epoch ${epoch}. Stake enough on it and claim a permit; it counts from the next epoch.`,
  AlreadyPermitted: ({ uid }) => `Uid ${uid} already has its permit.`,
  StakeBelowMinimum: ({ neuronId, stake, minimum }) =>
    `Neuron ${neuronId} has ${tokens(stake)} staked, validating needs ${tokens(minimum)}. Run: npx hardhat stake.`,
  PermitsFull: ({ lowestStake }) =>
    `All permits are held; a claim needs more than ${tokens(lowestStake)} staked.`,
  NotOperator: ({ neuronId }) => `Use the hotkey or the coldkey of neuron ${neuronId}.`,
  UnknownUid: ({ uid, uidCount }) =>
    `There is no uid ${uid}; ${uidCount} are held. Run: npx hardhat metagraph.`,
  UnknownNeuron: ({ neuronId }) => `There is no neuron ${neuronId}. Run: npx hardhat metagraph.`,
  InactiveNeuron: ({ neuronId }) => `Neuron ${neuronId} holds no uid now. Run: npx hardhat metagraph.`,
  DeadlinePassed: ({ deadline, time }) =>
    `It was valid until ${date(deadline)}, it is ${date(time)}. Send it again.`,
  ZeroShares: () => "The amount is too small for a share of the pool. Stake more.",
  ZeroAssets: () => "The shares are worth less than the smallest amount. Unstake more.",
  SharesBelowMinimum: () => "The pool's price moved. Try again, or accept fewer shares.",
  AssetsBelowMinimum: () => "The pool's price moved. Try again, or accept fewer tokens.",
  InsufficientShares: ({ held }) => `Only ${held} shares are held here. Unstake no more than that.`,
  NotRevealed: ({ round }) =>
    `The ledger no longer keeps the update of round ${round}: challenges can be opened for four rounds.`,
  AlreadyOpen: ({ deadline }) => `Somebody asked already; the answer is due by ${date(deadline)}.`,
  AlreadySlashed: ({ neuronId, round }) =>
    `Neuron ${neuronId} was slashed for its update of round ${round} already: nothing is left to ask.`,
  NotOpen: ({ neuronId, round }) => `No challenge of neuron ${neuronId}'s update of round ${round} is open.`,
  TooLate: ({ deadline, time }) => `The answer was due by ${date(deadline)}; it is ${date(time)}.`,
  TooEarly: ({ deadline, time }) => `There is time to answer until ${date(deadline)}; it is ${date(time)}.`,
  WrongSlice: () => "The content is not what the miner committed to. Check the content store.",
  NothingMatured: ({ nextReleaseAt }) =>
    nextReleaseAt === 0n ? "Nothing was unstaked from this neuron." : `Come back at ${date(nextReleaseAt)}.`,
  NothingToClaim: ({ neuronId }) => `Neuron ${neuronId} has earned nothing since its last claim.`,
  ParameterOutOfBounds: ({ value, minimum, maximum }) =>
    `${value} is not within ${minimum} to ${maximum}. Give one that is.`,
  NothingUnlocked: ({ neuronId, locked }) =>
    locked === 0n
      ? `Neuron ${neuronId} has no collateral left.`
      : `${tokens(locked)} stay locked until neuron ${neuronId} has earned as much.`,
  NotOffered: ({ neuronId, offered }) =>
    `Neuron ${neuronId} is offered to ${offered}. Its coldkey offers it with: npx hardhat transfer --to ADDRESS.`,
  TextTooLong: ({ length, maximum }) => `It has ${length} bytes; give at most ${maximum}.`,
  OpenCommit: ({ hotkey }) =>
    `Hotkey ${hotkey} has a commitment to reveal or to answer for. Try again when it is revealed.`,
  TakeNotDue: ({ fromEpoch }) =>
    fromEpoch === 0n ? "No higher take was announced." : `It can be applied from epoch ${fromEpoch} on.`,
  Paused: ({ until }) => `New entries are paused until ${date(until)}; withdrawals and claims are not.`,
  Closed: ({ closedAt }) => `The run ended at ${date(closedAt)}; withdrawals and claims stay open.`,
  NotColdkey: ({ coldkey }) => `Only the neuron's coldkey ${coldkey} may do this.`,
  StillUnbonding: ({ releaseAt }) => `Stake of the owner waits until ${date(releaseAt)}. Transfer after it.`,
  NothingToClaimFor: ({ account }) => `Account ${account} is owed nothing.`,
  SizeOutOfBounds: ({ max }) => `An update has 1 to ${max} bytes. Check the manifest this worker trains by.`,
  AlreadyCommitted: () =>
    "It is committed already and cannot be replaced. The worker reveals what its journal holds.",
  AlreadyRevealed: () => "It is revealed already; nothing is left to do.",
  NoCommitment: () => "This hotkey committed nothing for that time, so that there is nothing to reveal.",
  WrongReveal: () =>
    "What was revealed is not what was committed. Reveal the content and salt that the journal holds.",
  AlreadySettled: ({ epoch }) => `Epoch ${epoch} is settled; nothing is left to do.`,
  NothingRevealed: ({ epoch }) =>
    `No validator with stake revealed weights for epoch ${epoch}: it is skipped.`,
  ERC20InsufficientBalance: ({ sender, balance, needed }) =>
    `${sender} has ${tokens(balance)} and needs ${tokens(needed)}. Run: npx hardhat fund.`,
  ERC20InsufficientAllowance: ({ needed }) => `Approve ${tokens(needed)} first.`,
  PermitFailed: ({ value }) => `The permit for ${tokens(value)} is not valid any more. Sign a new one.`,
};

/** What the reader of a contract's error should do; undefined for an error with nothing to add. */
export function hintFor(errorName: string, values: Values): string | undefined {
  return hints[errorName]?.(values);
}

function under(a: unknown, b: unknown): boolean {
  return typeof a === "bigint" && typeof b === "bigint" && a < b;
}

function minusOne(value: unknown): unknown {
  return typeof value === "bigint" ? value - 1n : value;
}

function tokens(wei: unknown): string {
  return typeof wei === "bigint" ? `${formatEther(wei)} WEFT` : String(wei);
}

function date(seconds: unknown): string {
  return typeof seconds === "bigint" && seconds < 2n ** 40n
    ? new Date(Number(seconds) * 1000).toISOString()
    : String(seconds);
}
