import { type Connected, connect, reconnect, type StakeAddresses, switchChain } from "./account.ts";
import type { Acting, Step } from "./actions.ts";
import { discoverWallets, type Provider, type Wallet } from "./discovery.ts";
import { failureOf, type WalletFailure } from "./failure.ts";
import { type Position, readPosition } from "./position.ts";

/** What is under way. */
export interface Busy {
  readonly action: string;
  readonly step: Step | undefined;
}

/** The wallets of this browser, the one that is connected, and what it was last asked to do. */
export class Session {
  wallets = $state.raw<readonly Wallet[]>([]);
  account = $state.raw<Connected | undefined>(undefined);
  wallet = $state.raw<Wallet | undefined>(undefined);
  position = $state.raw<Position | undefined>(undefined);
  failure = $state.raw<WalletFailure | undefined>(undefined);
  /** What was done last, in words. */
  done = $state<string | undefined>(undefined);
  busy = $state.raw<Busy | undefined>(undefined);
  /** How many things were done. */
  completed = $state(0);
  #reads = 0;

  /** Looks for wallets until the answer is called. */
  start(): () => void {
    const stop = discoverWallets(window, (wallets) => {
      this.wallets = wallets;
    });
    return () => {
      stop();
      this.disconnect();
    };
  }

  connect(wallet: Wallet): Promise<void> {
    return this.#attempt("connect", async () => {
      const account = await connect(wallet.provider);
      this.disconnect();
      this.wallet = wallet;
      this.account = account;
      wallet.provider.on?.("accountsChanged", this.#changed);
      wallet.provider.on?.("chainChanged", this.#changed);
    });
  }

  /** Forgets the account here; the wallet keeps its permission until its owner takes it back. */
  disconnect(): void {
    this.wallet?.provider.removeListener?.("accountsChanged", this.#changed);
    this.wallet?.provider.removeListener?.("chainChanged", this.#changed);
    this.wallet = undefined;
    this.account = undefined;
    this.position = undefined;
  }

  switchTo(chainId: number): Promise<void> {
    return this.#attempt("switch", async () => {
      const provider = this.#provider();
      if (provider === undefined) return;
      await switchChain(provider, chainId);
      this.account = await reconnect(provider);
    });
  }

  /** Reads what the account has to do with a neuron; an older answer never replaces a newer one. */
  async read(addresses: StakeAddresses, neuronId: bigint): Promise<void> {
    const { account } = this;
    if (account === undefined) return;
    const read = ++this.#reads;
    if (this.position?.neuronId !== neuronId) this.position = undefined;
    try {
      const position = await readPosition(account, addresses, neuronId);
      if (read === this.#reads && this.account === account) this.position = position;
    } catch (error) {
      if (read === this.#reads && this.account === account) this.failure = failureOf(error);
    }
  }

  /** Does one thing after another has ended; says `done` when it is in a block, and reads the position anew. */
  act(
    action: string,
    addresses: StakeAddresses,
    neuronId: bigint,
    done: string,
    work: (acting: Acting) => Promise<unknown>,
  ): Promise<void> {
    return this.#attempt(action, async () => {
      const { account } = this;
      if (account === undefined) return;
      const onStep = (step: Step) => {
        this.busy = { action, step };
      };
      await work({ account, addresses, onStep });
      this.done = done;
      this.completed += 1;
      await this.read(addresses, neuronId);
    });
  }

  async #attempt(action: string, work: () => Promise<void>): Promise<void> {
    if (this.busy !== undefined) return;
    this.busy = { action, step: undefined };
    this.failure = undefined;
    this.done = undefined;
    try {
      await work();
    } catch (error) {
      this.failure = failureOf(error);
    } finally {
      this.busy = undefined;
    }
  }

  readonly #changed = (): void => {
    const provider = this.#provider();
    if (provider === undefined) return;
    this.position = undefined;
    reconnect(provider).then(
      (account) => {
        if (account === undefined) this.disconnect();
        else this.account = account;
      },
      (error) => {
        this.failure = failureOf(error);
      },
    );
  };

  #provider(): Provider | undefined {
    return this.wallet?.provider;
  }
}
