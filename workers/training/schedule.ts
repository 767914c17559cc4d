import type { TrainingSettings } from "../protocol/manifest.ts";

export type ScheduleSettings = Pick<
  TrainingSettings,
  "peakLearningRate" | "warmupSteps" | "totalSteps" | "minLearningRateRatio" | "anneal"
>;

/**
 * Learning rate of an inner step counted over the whole run, from 0: linear warm-up to the peak over `warmupSteps`
 * steps, then a cosine down to `minLearningRateRatio` of the peak at `totalSteps`, where it stays; from `anneal.from` on
 * a line from there to 0 instead.
 */
export function learningRateAt(step: number, settings: ScheduleSettings): number {
  const { anneal } = settings;
  if (anneal === undefined || step < anneal.from) return cosineRateAt(step, settings);
  const left = Math.max(0, anneal.from + anneal.steps - step) / anneal.steps;
  return cosineRateAt(anneal.from, settings) * left;
}

function cosineRateAt(step: number, settings: ScheduleSettings): number {
  const { peakLearningRate: peak, warmupSteps, totalSteps, minLearningRateRatio: floor } = settings;
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  if (step >= totalSteps) return peak * floor;
  const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
  return peak * (floor + ((1 - floor) * (1 + Math.cos(Math.PI * progress))) / 2);
}
