export interface RefresherOptions<Answer> {
  readonly read: (path: string, signal: AbortSignal) => Promise<Answer>;
  readonly onAnswer: (answer: Answer) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reads one path at a time. Asked again for the path under way, it reads it once more afterwards, so that frequent changes
 * never keep an answer from arriving; asked for another path, it gives up the one under way.
 */
export class Refresher<Answer> {
  readonly #options: RefresherOptions<Answer>;
  #running: { readonly path: string; readonly controller: AbortController } | undefined;
  #again = false;

  constructor(options: RefresherOptions<Answer>) {
    this.#options = options;
  }

  ask(path: string): void {
    if (this.#running?.path === path) {
      this.#again = true;
      return;
    }
    this.stop();
    void this.#run(path);
  }

  stop(): void {
    this.#running?.controller.abort();
    this.#running = undefined;
    this.#again = false;
  }

  async #run(path: string): Promise<void> {
    const controller = new AbortController();
    this.#running = { path, controller };
    const { read, onAnswer, onFailure } = this.#options;
    try {
      const answer = await read(path, controller.signal);
      if (!controller.signal.aborted) onAnswer(answer);
    } catch (error) {
      if (!controller.signal.aborted) onFailure(error);
    }
    if (controller.signal.aborted) return;
    this.#running = undefined;
    if (!this.#again) return;
    this.#again = false;
    void this.#run(path);
  }
}
