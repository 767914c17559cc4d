import { existsSync } from "node:fs";
import { glob, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Children, foreign } from "./children.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const vite = `${root}node_modules/vite/bin/vite.js`;
const built = `${root}dashboard/dist/index.html`;
/** What the built files are made from. */
const sources = ["dashboard/**", "workers/chain/generated/**", "workers/protocol/**", "package-lock.json"];

/** Builds the dashboard unless it is there and newer than its sources. Whether it is there now. */
export async function buildDashboard(children: Children, logPath: string): Promise<boolean> {
  if (await isFresh()) return true;
  if (!existsSync(vite)) return existsSync(built);
  const build = children.start(
    "dashboard",
    vite,
    ["build", "--config", `${root}dashboard/vite.config.ts`],
    logPath,
    foreign,
  );
  return (await build.exited) === 0;
}

async function isFresh(): Promise<boolean> {
  if (!existsSync(built)) return false;
  const { mtimeMs } = await stat(built);
  for await (const path of glob(sources, { cwd: root, exclude: ["dashboard/dist/**"] })) {
    if ((await stat(`${root}${path}`)).mtimeMs > mtimeMs) return false;
  }
  return true;
}
