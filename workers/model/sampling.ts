/** How the next token is drawn. */
export interface Sampling {
  /** 0 takes the likeliest; 1 draws from the model's distribution. */
  readonly temperature: number;
  /** Draws from the likeliest tokens that make up this share together; 1, the default, from all. */
  readonly topP?: number;
}

/** Index drawn from softmax(logits / temperature); of the largest logit, the first of equals, at temperature 0. */
export function choose(
  logits: Float32Array,
  { temperature, topP = 1 }: Sampling,
  random: () => number,
): number {
  const largest = logits.reduce((best, logit, index) => (logit > logits[best] ? index : best), 0);
  if (temperature === 0) return largest;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[largest]) / temperature));
  const candidates = topP < 1 ? nucleus(weights, topP) : weights.keys();
  const kept = [...candidates];
  let rest = random() * kept.reduce((sum, index) => sum + weights[index], 0);
  for (const index of kept) {
    rest -= weights[index];
    if (rest < 0) return index;
  }
  return largest;
}

/** The fewest tokens, likeliest first, whose share of all weight is at least `topP`. */
function nucleus(weights: Float64Array, topP: number): number[] {
  const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a] || a - b);
  const needed = topP * weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  const count = order.findIndex((index) => {
    reached += weights[index];
    return reached >= needed;
  });
  return count < 0 ? order : order.slice(0, count + 1);
}
