/** The local chain as a child process: Hardhat's node on loopback until the parent goes or a signal comes. */
import hre from "hardhat";

const port = Number(process.argv[2]);
for (const event of ["disconnect", "SIGTERM", "SIGINT"] as const) process.on(event, () => process.exit(0));
await hre.tasks.getTask("node").run({ hostname: "127.0.0.1", port });
