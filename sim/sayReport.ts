import type { SeedReport } from "./report.ts";

/** A seed in a line. */
export function reportLine(report: SeedReport): string {
  const { seed, nodes, kills, rpcFaults, gatewayFaults, reorganisations, revealed, settled, seconds } =
    report;
  const trouble = `${kills} kills, ${rpcFaults} + ${gatewayFaults} failed requests, reorganisations ${reorganisations.join(" ") || "none"}`;
  const verdict = report.violations.length === 0 ? "ok  " : "FAIL";
  return `${verdict} seed ${seed}: ${nodes} nodes, ${trouble}; ${revealed} updates, ${settled} epochs, ${seconds.toFixed(1)} s`;
}

/** Longest text of a violation that is shown. */
const mostLines = 6;

export function violationLines({ violations }: SeedReport): string[] {
  return violations.flatMap(({ check, round, what }) => {
    const [first, ...rest] = what.split("\n").slice(0, mostLines);
    return [
      `           ${check}, round ${round}: ${first}`,
      ...rest.map((line) => `             ${line.trim()}`),
    ];
  });
}

/** What all seeds came to. */
export function summaryLines(reports: readonly SeedReport[], seconds: number): string[] {
  const sum = (of: (report: SeedReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const failing = reports.filter(({ violations }) => violations.length > 0).length;
  const rounds = sum(({ rounds }) => rounds);
  const replaced = reports.flatMap(({ reorganisations }) => reorganisations);
  return [
    "",
    `${reports.length - failing} of ${reports.length} seeds without a violation, ${rounds} rounds in ${(seconds / 60).toFixed(1)} minutes`,
    `${sum(({ kills }) => kills)} kills, ${sum(({ rpcFaults }) => rpcFaults)} RPC and ${sum(({ gatewayFaults }) => gatewayFaults)} gateway failures, ${replaced.length} reorganisations of up to ${Math.max(0, ...replaced)} blocks`,
    `${sum(({ revealed }) => revealed)} updates revealed; nothing had happened to the miners of ${sum(({ expected }) => expected)} that were due; ${sum(({ settled }) => settled)} epochs settled, ${sum(({ checkpoints }) => checkpoints)} checkpoints attested`,
    `${sum(({ penalties }) => penalties)} penalties for what was not revealed`,
  ];
}
