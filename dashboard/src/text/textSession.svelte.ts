import type { ModelRow, TextRequest } from "../../../workers/projector/apiText.ts";
import { ApiFailure } from "../api.ts";
import { writeText } from "./stream.ts";

/** What one model wrote. */
export interface Written {
  readonly model: ModelRow;
  readonly text: string;
}

/** A text as it is being written, or the last one. */
export class TextSession {
  state = $state<"none" | "loading" | "writing" | "done" | "stopped" | "failed">("none");
  written = $state.raw<readonly Written[]>([]);
  /** What the texts go on from. */
  prompt = $state("");
  failure = $state.raw<ApiFailure | undefined>(undefined);
  #controller = new AbortController();

  get busy(): boolean {
    return this.state === "loading" || this.state === "writing";
  }

  /** Lets `models` write. What an earlier call was writing is given up. */
  async write(models: readonly ModelRow[], asked: Omit<TextRequest, "models">): Promise<void> {
    this.stop();
    const controller = new AbortController();
    const { signal } = controller;
    this.#controller = controller;
    this.state = "loading";
    this.failure = undefined;
    this.prompt = asked.prompt;
    this.written = models.map((model) => ({ model, text: "" }));
    const request = { ...asked, models: models.map(({ stateRoot }) => stateRoot) };
    try {
      for await (const event of writeText(window.fetch.bind(window), request, signal)) {
        if (signal.aborted) return;
        if (event.type === "start") this.state = "writing";
        else if (event.type === "end") this.state = "done";
        else this.#add(event.model, event.text);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.state = "failed";
      this.failure =
        error instanceof ApiFailure
          ? error
          : new ApiFailure({ code: "UNEXPECTED", message: String(error), hint: null }, 0, { cause: error });
    }
  }

  /** Gives up what is being written; what came stays. */
  stop(): void {
    this.#controller.abort();
    if (this.busy) this.state = "stopped";
  }

  #add(index: number, text: string): void {
    this.written = this.written.map((each, at) =>
      at === index ? { ...each, text: each.text + text } : each,
    );
  }
}
