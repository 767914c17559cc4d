import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** A process's figures in Prometheus's text format: those of Node, and what classes that extend it add to the registry. */
export class MetricsPage {
  protected readonly registry = new Registry();

  /** @param worker label of every series */
  constructor(worker: string) {
    this.registry.setDefaultLabels({ worker });
    collectDefaultMetrics({ register: this.registry });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The page that Prometheus reads. */
  page(): Promise<string> {
    return this.registry.metrics();
  }

  /** Every name this process may publish. */
  names(): string[] {
    return this.registry.getMetricsAsArray().map(({ name }) => name);
  }

  /** A gauge that is read when it is asked for, and left out where there is nothing to read. */
  protected read(
    name: string,
    help: string,
    read: () => number | undefined | Promise<number | undefined>,
  ): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        const value = await read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  }
}
