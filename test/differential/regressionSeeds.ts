import type { ComparedEpoch } from "../support/yumaComparison.ts";

/** Random epochs that failed once: replayed in every run. A comparison that fails prints what to add here. */
export const regressionSeeds: readonly ComparedEpoch[] = [];
