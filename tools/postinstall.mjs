// npm on Node < 22 silently skips the optional native package of Hardhat's EVM (its `engines` asks for Node >= 22).
// Lifecycle scripts see node_modules/.bin first on PATH, where the pinned Node 24 is, so a second install started
// from here adds exactly what was skipped, from the same lockfile.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
try {
  require("@nomicfoundation/edr");
} catch {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 24) {
    console.error(
      `Weft needs Node 24 on this platform (found ${process.version}); on Linux the install brings its own.`,
    );
    process.exit(1);
  }
  const args = ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  const install = spawnSync("npm", args, { stdio: "inherit", shell: process.platform === "win32" });
  process.exit(install.status ?? 1);
}
