/** Seeds whose random epochs failed once: replayed in every run. */
export const regressionSeeds: {
  readonly typeScript: readonly number[];
  readonly solidity: readonly number[];
} = {
  typeScript: [],
  solidity: [],
};
