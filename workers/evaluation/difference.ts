/** Where two values of the same kind part: the first place in the order of `expected`'s fields. */
export interface Difference {
  /** JSON path, e.g. `$.losses.own.after`. */
  readonly path: string;
  readonly logged: unknown;
  readonly recomputed: unknown;
}

/**
 * First difference between plain data (numbers, strings, bigints, booleans, null, arrays, objects), bit by bit where
 * they are numbers; undefined where there is none.
 */
export function firstDifference(logged: unknown, recomputed: unknown, path = "$"): Difference | undefined {
  if (isObject(logged) && isObject(recomputed) && Array.isArray(logged) === Array.isArray(recomputed)) {
    for (const key of new Set([...Object.keys(recomputed), ...Object.keys(logged)])) {
      const place = Array.isArray(logged) ? `${path}[${key}]` : `${path}.${key}`;
      const found = firstDifference(logged[key], recomputed[key], place);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return logged === recomputed ? undefined : { path, logged, recomputed };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
