/** What is offered for a unit of gas, wei. */
export interface Fees {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

/** Nodes ask for 10 % more to replace a transaction; 25 % also outruns a rising base fee. */
const FEE_STEP_PERCENT = 125n;
/** What the market asks, and at least a quarter more than was offered before. */
export function raiseFees(former: Fees | undefined, market: Fees): Fees {
  if (former === undefined) return market;
  const up = (fee: bigint, now: bigint) => {
    const raised = (fee * FEE_STEP_PERCENT) / 100n + 1n;
    return raised > now ? raised : now;
  };
  return {
    maxFeePerGas: up(former.maxFeePerGas, market.maxFeePerGas),
    maxPriorityFeePerGas: up(former.maxPriorityFeePerGas, market.maxPriorityFeePerGas),
  };
}
