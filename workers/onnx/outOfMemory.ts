/** An allocation that failed. */
export interface FailedAllocation {
  /** Bytes asked for at once, where the message says it. */
  readonly requested: number | undefined;
}

/** Ways in which onnxruntime, its providers and V8 say that there is no memory left, on the host or on the device. */
const phrases = [
  /failed to allocate memory/i,
  /\bbad(?:_| array new length|)\s?alloc/i,
  /out of memory/i,
  /is smaller than requested bytes/i,
  /\b(?:cuda|cublas|cudnn|curand)\w*_alloc_failed/i,
  /cudaErrorMemoryAllocation/i,
  /exceeds the max(?:imum)? (?:storage )?buffer (?:binding )?size/i,
  /\ballocation failed\b/i,
  /invalid (?:typed )?array (?:buffer )?length/i,
];
const amounts = [
  /requested buffer of size (\d+)/i,
  /requested bytes of (\d+)/i,
  /\bsize \(?(\d+)\)? exceeds/i,
];

/** What an error says of an allocation that failed, with the errors it came from; undefined when it says nothing. */
export function failedAllocation(error: unknown): FailedAllocation | undefined {
  const told: string[] = [];
  for (let at = error; at instanceof Error && told.length < 8; at = at.cause)
    told.push(at.message, "code" in at ? String(at.code) : "");
  const text = told.join("\n");
  if (!phrases.some((phrase) => phrase.test(text)) && !text.includes("ERR_WORKER_OUT_OF_MEMORY"))
    return undefined;
  const [amount] = amounts.flatMap((pattern) => pattern.exec(text)?.[1] ?? []);
  return { requested: amount === undefined ? undefined : Number(amount) };
}
