import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Child, Children } from "./children.ts";
import type { LocalnetOptions } from "./options.ts";
import type { RegisteredParticipant } from "./participants.ts";

const minerScript = fileURLToPath(new URL("../../workers/cli/miner.ts", import.meta.url));
const validatorScript = fileURLToPath(new URL("../../workers/cli/validator.ts", import.meta.url));
const adversaryScript = fileURLToPath(new URL("../../lab/adversaries/main.ts", import.meta.url));

/**
 * As in package.json: bounds the young part of the heap, in MB. Without a bound it doubles with each burst of allocations up
 * to 128 MB, and stays there.
 */
const heapOptions = ["--max-semi-space-size=8"];

export function dashboardUrl({ dashboardPort }: Pick<LocalnetOptions, "dashboardPort">): string {
  return `http://127.0.0.1:${dashboardPort}`;
}

/** Starts a participant's worker in its folder; it goes on with what an earlier one left there. */
export function startWorker(
  children: Children,
  options: Pick<LocalnetOptions, "dir" | "dashboardPort">,
  participant: RegisteredParticipant,
): Child {
  const { name, role, behaviour, hotkeyFile } = participant;
  const { dir, dashboardPort } = options;
  const folder = join(dir, "workers", name);
  const reporting = dashboardPort === 0 ? [] : ["--report-to", dashboardUrl(options)];
  const args = ["--dir", dir, "--hotkey", hotkeyFile, "--folder", folder, "--device", "cpu", ...reporting];
  const logPath = join(dir, "logs", `${name}.log`);
  const start = (script: string, own: readonly string[] = []) =>
    children.start(name, script, [...args, ...own], logPath, heapOptions);
  if (role === "validator") return start(validatorScript);
  if (behaviour === "honest") return start(minerScript);
  return start(adversaryScript, ["--adversary", behaviour]);
}
