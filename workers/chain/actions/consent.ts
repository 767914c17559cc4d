import type { Hex, LocalAccount } from "viem";
import type { SigningRun } from "../run.ts";

const REGISTER = [
  { name: "coldkey", type: "address" },
  { name: "hotkey", type: "address" },
  { name: "deadline", type: "uint256" },
] as const;

/** The hotkey's consent to serve the signer's neuron until `deadline` (Unix seconds), as `IMetagraph.register` takes it. */
export function signConsent(run: SigningRun, hotkey: LocalAccount, deadline: bigint): Promise<Hex> {
  const { chainId, addresses } = run;
  return hotkey.signTypedData({
    domain: { name: "Weft Metagraph", version: "1", chainId, verifyingContract: addresses.metagraph },
    types: { Register: REGISTER },
    primaryType: "Register",
    message: { coldkey: run.sender.address, hotkey: hotkey.address, deadline },
  });
}
