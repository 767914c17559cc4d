import type { EvaluationBook } from "../../workers/database/evaluationBook.ts";
import { formatRoundEntry } from "../../workers/evaluation/evaluationLog.ts";
import { formatNeuronState, parseNeuronState } from "../../workers/evaluation/neuronState.ts";
import { evaluateRound } from "../../workers/evaluation/roundEvaluation.ts";
import type { RoundCommit } from "../../workers/evaluation/roundInputs.ts";
import {
  largest,
  quadraticLoss,
  randomNumbers,
  roundInputs,
  settings,
  zeroRoot,
} from "../workers/evaluation/quadraticRun.ts";

const size = 512;
const miners = [0, 1, 2, 3].map((uid) => ({ neuronId: BigInt(uid + 1), uid, behaviour: "honest" as const }));

/** Evaluates the round after the last one in the book and records it: inputs hang on the round alone, states on the book. */
export async function evaluateNext(book: EvaluationBook): Promise<number> {
  const round = (book.lastRound() ?? -1) + 1;
  const states = new Map(
    book.states().map((text) => [parseNeuronState(text).neuronId, parseNeuronState(text)]),
  );
  const theta = [new Float32Array(size)];
  const commits = miners.map((miner) => commitOf(miner, round));
  const inputs = roundInputs({ round, theta, active: miners, commits, earlier: [], states, seed: 3 });
  const outcome = await evaluateRound(inputs, settings, quadraticLoss, new AbortController().signal);
  const after = [...outcome.states.values()].map((state) => ({
    neuronId: state.neuronId,
    text: formatNeuronState(state),
  }));
  book.record(round, formatRoundEntry(outcome.entry), after);
  return round;
}

function commitOf({ uid, neuronId }: (typeof miners)[number], round: number): RoundCommit {
  const random = randomNumbers(uid * 31 + round * 1009 + 5);
  const gradient = Float32Array.from({ length: size }, () => -random());
  const update = { tensors: [largest(gradient, 16)], stateBefore: zeroRoot, stateAfter: zeroRoot };
  return { uid, neuronId, blockNumber: 1n, logIndex: uid, status: "eligible", update };
}
