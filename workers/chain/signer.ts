import {
  type Account,
  type Address,
  createWalletClient,
  type Hash,
  type Hex,
  keccak256,
  type PublicClient,
  type Transport,
  type TypedDataDefinition,
} from "viem";

/** An EIP-1559 transaction with everything decided. Fees in wei per gas. */
export interface PreparedTransaction {
  readonly to: Address;
  readonly data: Hex;
  readonly value: bigint;
  readonly nonce: number;
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
}

export interface SignedTransaction {
  /** Known before it is sent where the key is ours. */
  readonly hash: Hash | undefined;
  /** Hands it to the node; may be repeated. */
  broadcast(): Promise<Hash>;
}

/** Who signs: a key of ours, or the node or wallet behind the RPC. */
export interface Signer {
  readonly address: Address;
  sign(transaction: PreparedTransaction): Promise<SignedTransaction>;
  signTypedData(data: TypedDataDefinition): Promise<Hex>;
}

/** The signer for an account: local ones sign here, an address is signed for by the node. */
export function signerFor(
  account: Account,
  client: PublicClient,
  chainId: number,
  transport: Transport,
): Signer {
  if (account.type === "local") {
    return {
      address: account.address,
      async sign(transaction) {
        const raw = await account.signTransaction({ ...transaction, chainId, type: "eip1559" });
        return {
          hash: keccak256(raw),
          broadcast: () => client.sendRawTransaction({ serializedTransaction: raw }),
        };
      },
      signTypedData: (data) => account.signTypedData(data),
    };
  }
  const wallet = createWalletClient({ account, transport });
  return {
    address: account.address,
    async sign(transaction) {
      const request = { ...transaction, chain: null, type: "eip1559" } as const;
      return { hash: undefined, broadcast: () => wallet.sendTransaction(request) };
    },
    signTypedData: (data) => wallet.signTypedData(data),
  };
}
