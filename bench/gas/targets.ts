/** Gas of comparable actions elsewhere, and what this project set out to stay below; production build, hardfork osaka. */
export interface Target {
  readonly target: number;
  readonly peers: string;
}

export const targets: Readonly<Record<string, Target>> = {
  "commit an update": { target: 33_000, peers: "Prime Intellect 235k (5 new slots), Gensyn 92k" },
  "reveal an update": { target: 42_000, peers: "" },
  "attest availability of a round": { target: 32_000, peers: "" },
  "commit 256 weights": { target: 33_000, peers: "Gensyn 3 votes 326k (12 new slots)" },
  "reveal 256 weights": { target: 60_000, peers: "" },
  "settle 64 x 256": { target: 8_500_000, peers: "plain Solidity 86M" },
  "settle 16 x 48": { target: 1_000_000, peers: "" },
  "stake, first": { target: 90_000, peers: "Graph Horizon 92k" },
  "stake, again": { target: 58_000, peers: "Graph Horizon 58k" },
  "claim, steady": { target: 60_000, peers: "EigenLayer 91k" },
  "slash with proof": { target: 105_000, peers: "Graph Horizon 88-105k" },
  "answer a 1 KiB challenge": { target: 120_000, peers: "" },
  "checkpoint with 64 signatures": { target: 600_000, peers: "" },
};
