import { fileURLToPath } from "node:url";
import { type Children, childFailure, foreign } from "./children.ts";

const hardhat = fileURLToPath(new URL("../../node_modules/hardhat/dist/src/cli.js", import.meta.url));

/** Compiles the contracts in a process of its own, so that other set-up goes on meanwhile. */
export async function compileContracts(children: Children, logPath: string): Promise<void> {
  const child = children.start("compiler", hardhat, ["build", "--no-tests"], logPath, foreign);
  const exitCode = await child.exited;
  if (exitCode !== 0) throw childFailure(child, exitCode);
}
