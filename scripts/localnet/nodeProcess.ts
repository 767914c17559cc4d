/**
 * The local chain as a child process: Hardhat's node until the parent goes or a signal comes. Arguments: the port, and the
 * address to listen on, loopback unless another is given: its accounts are open to whoever reaches it.
 */
import hre from "hardhat";

const [port, hostname = "127.0.0.1"] = process.argv.slice(2);
for (const event of ["disconnect", "SIGTERM", "SIGINT"] as const) process.on(event, () => process.exit(0));
await hre.tasks.getTask("node").run({ hostname, port: Number(port) });
