/** Slot in the metagraph, 0–255, reused after its neuron is replaced. */
export type Uid = number;
/** Never reused; 1 is the first. Stake, rewards and worker state belong to it. */
export type NeuronId = bigint;
/** Index of a train → commit → reveal → attest pass, from 0 at genesis. */
export type Round = number;
/** Index of a settlement period of `tempo` rounds, from 0 at genesis. */
export type Epoch = number;
/** Unix seconds of a block. */
export type BlockTime = number;
