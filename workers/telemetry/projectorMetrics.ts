import { collectDefaultMetrics, Registry } from "prom-client";
import { readGauge } from "./readGauge.ts";

/** What is read of a projector at the moment somebody asks. */
export interface ProjectorReadings {
  /** Number of the last block taken in; undefined before the first. */
  block(): number | undefined;
  /** Round by that block's time; undefined before genesis. */
  round(): number | undefined;
  secondsSinceBlock(): number;
  /** Events of the run in the database. */
  events(): number | undefined;
  /** Rows of workers taken since the start. */
  reports(): number;
}

/** A projector's figures in Prometheus's text format. Every name carries its unit. */
export class ProjectorMetrics {
  readonly #registry = new Registry();

  constructor(readings: ProjectorReadings) {
    this.#registry.setDefaultLabels({ worker: "projector" });
    collectDefaultMetrics({ register: this.#registry });
    const read = (name: string, help: string, value: () => number | undefined) =>
      readGauge(this.#registry, name, help, value);
    read("weft_block_age_seconds", "Since this projector saw a new block", () =>
      readings.secondsSinceBlock(),
    );
    read("weft_chain_round", "Round by chain time", () => readings.round());
    read("weft_projected_block", "Number of the last block taken in", () => readings.block());
    read("weft_projected_events", "Events of the run in the database", () => readings.events());
    read("weft_projected_reports", "Rows of workers taken since the start", () => readings.reports());
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The page that Prometheus reads. */
  page(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Every name a projector may publish. */
  names(): string[] {
    return this.#registry.getMetricsAsArray().map(({ name }) => name);
  }
}
