/** How the workers of a configuration come to one model. */
export type Method =
  /** One AdamW on all workers' batches together: gradients exchanged in every step. */
  | { readonly kind: "dataParallel" }
  /** Dense pseudo-gradients averaged; Nesterov momentum outside. */
  | { readonly kind: "diloco"; readonly outerRate: number; readonly momentum: number }
  /** Weft's: top-k with error feedback, clipped, averaged, no momentum outside. */
  | {
      readonly kind: "sparseLoco";
      readonly topK: number;
      readonly errorFeedback: number;
      readonly outerRate: number;
      readonly averaging: "gathered" | "contributors";
      readonly overlap: Overlap;
    };

/** How a round's first inner steps run while the updates of the round before travel. */
export interface Overlap {
  /** Share of the inner steps that a worker makes before the group's updates are there; 0: it waits for them. */
  readonly late: number;
  /**
   * What stands in for them meanwhile: nothing; the worker's own update, whole or by its share in the average; or where the
   * worker's own round ended.
   */
  readonly estimate: "nothing" | "whole" | "share" | "end";
  /** The first round that overlaps; 0 where left out. */
  readonly from?: number;
  /** What late steps did is thrown away. */
  readonly discards?: true;
}

export interface Configuration {
  readonly name: string;
  readonly method: Method;
  readonly workers: number;
  readonly innerSteps: number;
  readonly seed: number;
}

const diloco = { kind: "diloco", outerRate: 0.7, momentum: 0.9 } as const;
export const sparseDefault = {
  kind: "sparseLoco",
  topK: 64,
  errorFeedback: 0.95,
  outerRate: 1,
  averaging: "gathered",
  overlap: { late: 0, estimate: "nothing" },
} as const;
const base = { workers: 4, innerSteps: 30, seed: 1 } as const;
const sparse = (name: string, change: Partial<typeof sparseDefault | Record<string, unknown>>) =>
  ({ ...base, name, method: { ...sparseDefault, ...change } as Method }) satisfies Configuration;

/** What `overlap: 1` in a manifest means. */
const overlap = { late: 1 / 4, estimate: "share", from: 4 } as const;

/** Everything that is compared, the important ones first. One thing differs from the default at a time. */
export const configurations: readonly Configuration[] = [
  { ...base, name: "AdamW, data parallel", method: { kind: "dataParallel" } },
  { ...base, name: "DiLoCo", method: diloco },
  sparse("SparseLoCo", {}),
  { ...base, name: "DiLoCo, seed 2", method: diloco, seed: 2 },
  { ...sparse("SparseLoCo, seed 2", {}), seed: 2 },
  { ...base, name: "DiLoCo, plain average", method: { kind: "diloco", outerRate: 1, momentum: 0 } },
  { ...base, name: "DiLoCo, outer rate 0.4", method: { ...diloco, outerRate: 0.4 } },
  sparse("k = 16", { topK: 16 }),
  sparse("k = 26", { topK: 26 }),
  sparse("k = 128", { topK: 128 }),
  sparse("k = 256", { topK: 256 }),
  sparse("β = 0.8", { errorFeedback: 0.8 }),
  sparse("β = 0.9", { errorFeedback: 0.9 }),
  sparse("β = 0.99", { errorFeedback: 0.99 }),
  sparse("β = 1", { errorFeedback: 1 }),
  sparse("outer rate 0.7", { outerRate: 0.7 }),
  sparse("outer rate 1.3", { outerRate: 1.3 }),
  sparse("outer rate 1.6", { outerRate: 1.6 }),
  sparse("outer rate 2", { outerRate: 2 }),
  { ...sparse("outer rate 1.6, seed 2", { outerRate: 1.6 }), seed: 2 },
  { ...sparse("outer rate 1.6, H = 15", { outerRate: 1.6 }), innerSteps: 15 },
  { ...sparse("outer rate 1.6, R = 8", { outerRate: 1.6 }), workers: 8 },
  sparse("average over contributors", { averaging: "contributors" }),
  sparse("overlap", { overlap }),
  { ...sparse("overlap, seed 2", { overlap }), seed: 2 },
  sparse("overlap, 1/8 late", { overlap: { ...overlap, late: 1 / 8 } }),
  { ...sparse("overlap, 1/8 late, seed 2", { overlap: { ...overlap, late: 1 / 8 } }), seed: 2 },
  sparse("overlap, 1/2 late", { overlap: { ...overlap, late: 1 / 2 } }),
  sparse("overlap, thrown away", { overlap: { ...overlap, discards: true } }),
  sparse("overlap from round 0", { overlap: { ...overlap, from: 0 } }),
  sparse("overlap from round 0, 1/2 late", { overlap: { late: 1 / 2, estimate: "share" } }),
  sparse("overlap from round 0, thrown away", { overlap: { ...overlap, from: 0, discards: true } }),
  sparse("overlap from round 0, own end", { overlap: { late: 1 / 4, estimate: "end" } }),
  sparse("a round late, own share", { overlap: { late: 1, estimate: "share" } }),
  sparse("a round late, own update", { overlap: { late: 1, estimate: "whole" } }),
  sparse("a round late, nothing", { overlap: { late: 1, estimate: "nothing" } }),
  sparse("a round late, own end", { overlap: { late: 1, estimate: "end" } }),
  { ...sparse("H = 15", {}), innerSteps: 15 },
  { ...sparse("R = 8", {}), workers: 8 },
  { ...base, name: "DiLoCo, H = 15", method: diloco, innerSteps: 15 },
  { ...base, name: "DiLoCo, R = 8", method: diloco, workers: 8 },
];
