import { MetricsPage } from "./metricsPage.ts";

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
export class ProjectorMetrics extends MetricsPage {
  constructor(readings: ProjectorReadings) {
    super("projector");
    this.read("weft_block_age_seconds", "Since this projector saw a new block", () =>
      readings.secondsSinceBlock(),
    );
    this.read("weft_chain_round", "Round by chain time", () => readings.round());
    this.read("weft_projected_block", "Number of the last block taken in", () => readings.block());
    this.read("weft_projected_events", "Events of the run in the database", () => readings.events());
    this.read("weft_projected_reports", "Rows of workers taken since the start", () => readings.reports());
  }
}
