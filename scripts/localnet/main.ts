/** `npm start`: a local network of real processes that trains one model, from nothing to a summary. */
import { once } from "node:events";
import { optionsOrHelp } from "../../workers/cli/commandLine.ts";
import { systemClock } from "../../workers/runtime/clock.ts";
import { writeFileAtomic } from "../../workers/runtime/files.ts";
import { Children } from "./children.ts";
import { conclude } from "./conclude.ts";
import { startNetwork } from "./network.ts";
import { type LocalnetOptions, parseOptions } from "./options.ts";
import { Screen } from "./screen.ts";
import { runSession } from "./session.ts";
import { summaryLines } from "./summary.ts";
import { watch } from "./watch.ts";

await runSession(() => {
  const options = optionsOrHelp("npm start --", () => parseOptions(process.argv.slice(2)));
  if (options === undefined) return undefined;
  const children = new Children();
  return { dir: options.dir, children, work: (signal) => run(options, children, signal) };
});

async function run(options: LocalnetOptions, children: Children, signal: AbortSignal): Promise<void> {
  const clock = systemClock;
  const startedAt = clock.now();
  const screen = new Screen(process.stdout);
  const say = (text: string) => screen.say(text);
  const network = await startNetwork({ options, children, clock, say, signal });
  const setupSeconds = (clock.now() - startedAt) / 1000;
  const { dir, rounds } = options;
  const watched = await watch({ network, dir, rounds, clock, show: (view) => screen.show(view), signal });
  screen.end();
  const report = await conclude({
    options,
    network,
    watched,
    children,
    startedAt,
    setupSeconds,
    clock,
    say,
    signal,
  });
  if (options.report !== undefined) {
    await writeFileAtomic(options.report, [Buffer.from(`${JSON.stringify(report, null, 2)}\n`)]);
  }
  for (const line of summaryLines(report, options, screen.width)) screen.say(line);
  if (!options.stay) return;
  const seen =
    network.projector === undefined ? "" : ` and the dashboard on http://127.0.0.1:${options.dashboardPort}`;
  say(`The chain on ${network.rpcUrl}${seen} stay until Ctrl-C; the workers have ended.`);
  if (!signal.aborted) await once(signal, "abort");
}
