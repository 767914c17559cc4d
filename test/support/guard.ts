/**
 * `guard.ts COMMAND ARGUMENTS …`: runs a command in this process's group and ends with its exit code. When whoever started
 * the guard is gone, even by `kill -9`, everything in the group is killed.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

const [command, ...args] = process.argv.slice(2);
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));
// Signals are for the command, which gets those sent to the group.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
const child = spawn(command, args, { stdio: "inherit" });
child.once("error", (error) => {
  console.error(error.message);
  process.exit(127);
});
child.once("exit", (code, signal) =>
  process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
);
