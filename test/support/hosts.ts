import { type ChildProcess, execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A machine of its own as far as the network goes: its loopback, and one address on a network with the other hosts. */
export interface Host {
  readonly address: string;
  /** Put before a command, which then runs on that host. */
  readonly within: readonly string[];
}

export interface Hosts {
  readonly hosts: readonly Host[];
  /** Ends the network; what still runs on a host keeps its namespace, and nothing else, until it ends. */
  close(): void;
}

const subnet = "10.66.0";

/**
 * As many hosts, each a network namespace with a link to one bridge, all below a user namespace, so that no privilege is
 * needed and nothing is visible outside. Namespaces live as long as a process in them: when this process is gone, even by
 * `kill -9`, the last of them ends and everything with it. Gives the reason where the machine does not allow it.
 */
export async function openHosts(count: number): Promise<Hosts | { readonly missing: string }> {
  const holders: ChildProcess[] = [];
  const close = () => {
    for (const holder of holders) holder.kill("SIGKILL");
  };
  /** A process that only keeps its namespaces; it ends when its standard input does. */
  const hold = async (command: readonly string[]): Promise<string[]> => {
    const [name, ...args] = [...command, "sh", "-c", "echo held; exec cat >/dev/null"];
    const holder = spawn(name, args, { stdio: ["pipe", "pipe", "pipe"] });
    holders.push(holder);
    await new Promise<void>((resolve, reject) => {
      let said = "";
      holder.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      holder.stdout?.once("data", () => resolve());
      holder.once("error", reject);
      holder.once("exit", () => reject(new Error(said.trim())));
    });
    return ["nsenter", "--target", String(holder.pid), "--user", "--net", "--preserve-credentials"];
  };
  try {
    const bridge = await hold(["unshare", "--user", "--map-root-user", "--net"]);
    await on(bridge, "ip link add bridge type bridge");
    await on(bridge, "ip link set bridge up");
    const hosts: Host[] = [];
    for (let index = 1; index <= count; index++) {
      const within = await hold([...bridge, "unshare", "--net"]);
      const address = `${subnet}.${index}`;
      await on(bridge, `ip link add host${index} type veth peer name uplink netns ${within[2]}`);
      await on(bridge, `ip link set host${index} master bridge up`);
      await on(within, `ip address add ${address}/24 dev uplink`);
      await on(within, "ip link set uplink up");
      await on(within, "ip link set lo up");
      hosts.push({ address, within });
    }
    return { hosts, close };
  } catch (error) {
    close();
    const message = error instanceof Error ? error.message : String(error);
    return { missing: `network namespaces: ${message.trim().replaceAll("\n", " ")}` };
  }
}

async function on(within: readonly string[], command: string): Promise<void> {
  const [name, ...args] = [...within, ...command.split(" ")];
  await run(name, args);
}
