import type { ModelRow } from "../../../workers/projector/apiText.ts";
import { count } from "../format.ts";

/** Which of the earlier models to compare the newest with: the one chosen, or else the last that all agreed on. */
export function comparedWith(models: readonly ModelRow[], chosen: string | undefined): ModelRow | undefined {
  const [newest, ...earlier] = models;
  const other = earlier.filter(({ stateRoot }) => stateRoot !== newest.stateRoot);
  return (
    other.find(({ stateRoot }) => stateRoot === chosen) ??
    other.find(({ source }) => source !== "saved") ??
    other[0]
  );
}

const sources: Readonly<Record<ModelRow["source"], string>> = {
  start: "before any training",
  checkpoint: "a checkpoint",
  saved: "as a worker has it",
};

/** "Round 12 · a checkpoint". */
export function modelName({ round, source }: ModelRow): string {
  return `Round ${count(round)} · ${sources[source] ?? source}`;
}
