/** Content that a store holds. */
export interface HeldContent {
  readonly cid: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Round in which it was stored or last read. */
  readonly round: number;
  /** Whether something still needs it. */
  readonly needed: boolean;
}

export interface RetentionRules {
  /** The current round. */
  readonly round: number;
  /** Rounds after its last use at which content goes that nothing needs. */
  readonly keepRounds: number;
  /** Bytes that may be used; undefined for any number. */
  readonly quotaBytes: number | undefined;
  /** Bytes in use now. */
  readonly usedBytes: number;
}

export interface Removals<Held extends HeldContent> {
  /** The oldest first. */
  readonly removed: readonly Held[];
  /** Bytes by which the quota is exceeded even then. */
  readonly overBytes: number;
}

/**
 * What has to go: unneeded content that was not used for `keepRounds`, and while the quota is exceeded the unneeded content
 * used longest ago; within a round in the order of CIDs. Never what is needed.
 */
export function chooseRemovals<Held extends HeldContent>(
  contents: readonly Held[],
  { round, keepRounds, quotaBytes = Number.POSITIVE_INFINITY, usedBytes }: RetentionRules,
): Removals<Held> {
  const removable = contents
    .filter(({ needed }) => !needed)
    .toSorted((a, b) => a.round - b.round || (a.cid < b.cid ? -1 : 1));
  const removed: Held[] = [];
  let left = usedBytes;
  for (const content of removable) {
    if (round - content.round <= keepRounds && left <= quotaBytes) break;
    removed.push(content);
    left -= content.size;
  }
  return { removed, overBytes: Math.max(0, left - quotaBytes) };
}
