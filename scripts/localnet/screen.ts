import { type Terminal as Measured, widthOf, wrapped } from "../format.ts";
import { type NetworkView, renderLine, renderTable } from "./view.ts";

/** Where the screen writes; `process.stdout` fits. */
export interface Terminal extends Measured {
  write(text: string): unknown;
}

/** Progress on a terminal: one table redrawn in place. Elsewhere: a plain line per step and per round. */
export class Screen {
  readonly #terminal: Terminal;
  #drawnLines = 0;
  #lastRound: number | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Characters of a line; undefined where there is no terminal. */
  get width(): number | undefined {
    return widthOf(this.#terminal);
  }

  /** A step of the set-up, or anything else said once. */
  say(text: string): void {
    this.#erase();
    this.#terminal.write(`${wrapped(text, this.width).join("\n")}\n`);
  }

  /** Shows the network; without a terminal one line when a round has begun. */
  show(view: NetworkView): void {
    if (this.#terminal.isTTY !== true) {
      if (view.round === this.#lastRound) return;
      this.#lastRound = view.round;
      this.#terminal.write(`${renderLine(view)}\n`);
      return;
    }
    this.#erase();
    const { width } = this;
    const all = renderTable(view, width).flatMap((line) => wrapped(line, width));
    // Nothing is longer than a line: what is drawn has to be erased by lines.
    const lines = all.map((line) => line.slice(0, width));
    this.#terminal.write(`${lines.join("\n")}\n`);
    this.#drawnLines = lines.length;
  }

  /** Leaves the last table where it stands. */
  end(): void {
    this.#drawnLines = 0;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#terminal.write(`\x1b[${this.#drawnLines}A\x1b[J`);
    this.#drawnLines = 0;
  }
}
