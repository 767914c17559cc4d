/**
 * Types of the scripts and markup in `.svelte` files, warnings counting as errors. svelte-check needs a TypeScript before 7:
 * both are installed beside each other, apart from the project's own (`.ci/svelteCheck`).
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(
  new URL("../.ci/svelteCheck/node_modules/svelte-check/bin/svelte-check", import.meta.url),
);

if (!existsSync(script)) {
  console.error("types of Svelte scripts: not run (npm ci installs svelte-check)");
  process.exit(0);
}
const { status } = spawnSync(
  process.execPath,
  [
    ...[script, "--workspace", "dashboard", "--tsconfig", "./tsconfig.json"],
    ...["--output", "machine", "--fail-on-warnings"],
  ],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
