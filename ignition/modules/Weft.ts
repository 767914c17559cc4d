import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * Deploys every contract of a run, wires them and writes them into the `RunRegistry`. All parameters are required;
 * `ignition/parameters/` holds those of each network except what a run alone knows: `genesis`, the genesis allocation
 * and the manifest. The bounds stand in the contracts' interfaces and are enforced by their constructors.
 */
export default buildModule("Weft", (m) => {
  const lens = m.contract("RoundClockLens");
  const clock = m.staticCall(lens, "pack", [
    {
      genesis: m.getParameter("genesis"),
      period: m.getParameter("period"),
      commitSeconds: m.getParameter("commitSeconds"),
      revealSeconds: m.getParameter("revealSeconds"),
      tempo: m.getParameter("tempo"),
    },
  ]);

  const token = m.contract("WeftToken", [
    m.getParameter("genesisRecipients"),
    m.getParameter("genesisAmounts"),
  ]);
  // What may be changed, and by whom. Its admin is the deployer until governance takes over.
  const authority = m.contract("AccessManager", [m.getAccount(0)]);
  const stakeManager = m.contract("StakeManager", [
    token,
    clock,
    m.getParameter("unbondingEpochs"),
    m.getParameter("takeBps"),
  ]);
  const metagraph = m.contract("Metagraph", [
    token,
    clock,
    {
      maxUids: m.getParameter("maxUids"),
      maxValidators: m.getParameter("maxValidators"),
      minValidatorStake: m.getParameter("minValidatorStake"),
      immunityEpochs: m.getParameter("immunityEpochs"),
      minNonImmune: m.getParameter("minNonImmune"),
      initialBurn: m.getParameter("initialBurn"),
      minBurn: m.getParameter("minBurn"),
      maxBurn: m.getParameter("maxBurn"),
      burnHalfLife: m.getParameter("burnHalfLife"),
      maxRegistrationsPerEpoch: m.getParameter("maxRegistrationsPerEpoch"),
    },
  ]);
  const updateLedger = m.contract("UpdateLedger", [metagraph, m.getParameter("maxUpdateBytes")]);
  const attestationLedger = m.contract("AttestationLedger", [metagraph]);
  const weightLedger = m.contract("WeightLedger", [metagraph]);
  const emission = m.contract("Emission", [
    token,
    clock,
    {
      baseRate: m.getParameter("baseRate"),
      minerBps: m.getParameter("minerBps"),
      validatorBps: m.getParameter("validatorBps"),
      treasuryBps: m.getParameter("treasuryBps"),
      treasury: m.getParameter("treasury"),
      maxBounty: m.getParameter("maxBounty"),
    },
  ]);
  const epochEngine = m.contract("EpochEngine", [
    metagraph,
    stakeManager,
    weightLedger,
    emission,
    {
      kappaU16: m.getParameter("kappaU16"),
      bondsMovingAverageMillionths: m.getParameter("bondsMovingAverageMillionths"),
      bondsPenalty: m.getParameter("bondsPenalty"),
      reviveAfter: m.getParameter("reviveAfter"),
    },
    authority,
  ]);

  const links = [
    m.call(token, "link", [emission, stakeManager]),
    m.call(stakeManager, "link", [metagraph, emission]),
    m.call(metagraph, "link", [stakeManager, epochEngine]),
    m.call(emission, "link", [metagraph, stakeManager, epochEngine]),
  ];
  const contracts = {
    token,
    stakeManager,
    metagraph,
    updateLedger,
    attestationLedger,
    weightLedger,
    epochEngine,
    emission,
  };
  const manifest = {
    hash: m.getParameter("manifestHash"),
    digest: m.getParameter("manifestDigest"),
    size: m.getParameter("manifestSize"),
  };
  // After the wiring: a registry that stands names a run that works.
  const runRegistry = m.contract("RunRegistry", [contracts, manifest], { after: links });
  return { ...contracts, runRegistry, authority, lens };
});
