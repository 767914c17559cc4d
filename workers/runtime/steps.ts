/** Steps of a worker that a crash must not come between unnoticed: what stands before one is on disk or on the chain. */
export type Step =
  | "content stored"
  | "salt stored"
  | "score written"
  | "weights stored"
  | "checkpoint written"
  | `${string} sent`
  | `${string} confirmed`;

/** A miner's steps in a round, in their order. */
export const minerSteps: readonly Step[] = [
  "content stored",
  "salt stored",
  "commitUpdate sent",
  "commitUpdate confirmed",
  "revealUpdate sent",
  "revealUpdate confirmed",
];

/** Takes each step. A test puts one in place that ends the process before or after a step. */
export interface Steps {
  take<Result>(step: Step, work: () => Result | Promise<Result>): Promise<Result>;
}

/** Takes steps, and does nothing else. */
export const plainSteps: Steps = { take: async (_, work) => work() };
