/**
 * What `work` gives for each item, in their order, all at the same time. The first that fails stops the others: its error is thrown
 * when none is under way any more.
 */
export async function allOrStop<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const works = items.map((item) => work(item, either));
  try {
    return await Promise.all(works);
  } catch (error) {
    ended.abort(error);
    await Promise.allSettled(works);
    throw error;
  }
}
