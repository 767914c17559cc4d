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
      /** 1: updates are applied one round late, and a worker goes on from its own meanwhile. */
      readonly overlap: 0 | 1;
    };

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
  overlap: 0,
} as const;
const base = { workers: 4, innerSteps: 30, seed: 1 } as const;
const sparse = (name: string, change: Partial<typeof sparseDefault | Record<string, unknown>>) =>
  ({ ...base, name, method: { ...sparseDefault, ...change } as Method }) satisfies Configuration;

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
  sparse("outer rate 1.6, overlap", { outerRate: 1.6, overlap: 1 }),
  sparse("average over contributors", { averaging: "contributors" }),
  sparse("overlap", { overlap: 1 }),
  { ...sparse("overlap, seed 2", { overlap: 1 }), seed: 2 },
  { ...sparse("H = 15", {}), innerSteps: 15 },
  { ...sparse("R = 8", {}), workers: 8 },
  { ...base, name: "DiLoCo, H = 15", method: diloco, innerSteps: 15 },
  { ...base, name: "DiLoCo, R = 8", method: diloco, workers: 8 },
];
