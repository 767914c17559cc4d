import { printable } from "../format.ts";

/** EIP-1193: what a wallet injects. */
export interface Provider {
  request(args: { readonly method: string; readonly params?: unknown }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): void;
  removeListener?(event: string, listener: (value: unknown) => void): void;
}

export interface Wallet {
  readonly uuid: string;
  /** The wallet's own; foreign text. */
  readonly name: string;
  readonly provider: Provider;
}

const mostWallets = 32;
const longestName = 60;

/**
 * Asks wallets to announce themselves (EIP-6963) and reports all of them whenever one does, in the order they came. The
 * answer stops listening. What is no announcement is passed over.
 */
export function discoverWallets(
  target: EventTarget,
  onWallets: (wallets: readonly Wallet[]) => void,
): () => void {
  const found = new Map<string, Wallet>();
  const announced = (event: Event) => {
    const wallet = walletOf(event);
    if (wallet === undefined || found.has(wallet.uuid) || found.size >= mostWallets) return;
    found.set(wallet.uuid, wallet);
    onWallets([...found.values()]);
  };
  target.addEventListener("eip6963:announceProvider", announced);
  target.dispatchEvent(new Event("eip6963:requestProvider"));
  return () => target.removeEventListener("eip6963:announceProvider", announced);
}

function walletOf(event: Event): Wallet | undefined {
  if (!("detail" in event) || !isRecord(event.detail)) return undefined;
  const { info, provider } = event.detail;
  if (!isRecord(info) || !isRecord(provider) || typeof provider.request !== "function") return undefined;
  const { uuid, name } = info;
  if (typeof uuid !== "string" || uuid === "" || typeof name !== "string") return undefined;
  const shown = printable(name).trim().slice(0, longestName) || "Unnamed wallet";
  return { uuid, name: shown, provider: provider as unknown as Provider };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
