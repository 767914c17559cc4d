/**
 * Roles of a run's `AccessManager`. The admin may call whatever no other role may, and says who has which role; after the
 * hand-over that is the timelock. The guardian pauses entrances. The run's registry ends the run and swaps its engine.
 */
export const roles = { admin: 0n, guardian: 1n, run: 2n } as const;
