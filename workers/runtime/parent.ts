/** What the tie to a parent needs of the process; `process` itself fits. */
export interface ParentSource {
  readonly connected?: boolean | undefined;
  once(event: "disconnect", listener: () => void): unknown;
}

/** The process that started this one is gone. */
export class ParentGone extends Error {
  override readonly name = "ParentGone";
}

/** Calls `onGone` once the parent's IPC channel closes. Does nothing for a process started by hand. */
export function watchParent(onGone: (reason: ParentGone) => void, source: ParentSource = process): void {
  if (source.connected !== true) return;
  source.once("disconnect", () => onGone(new ParentGone("the starting process is gone")));
}
