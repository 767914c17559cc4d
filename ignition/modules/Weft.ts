import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { zeroAddress } from "viem";
import { handOver } from "./handOver.ts";

/**
 * Deploys every contract of a run, wires them, writes them into the `RunRegistry` and hands all power over to the
 * governor's timelock. All parameters are required;
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
  // What may be changed, and by whom. Its admin is the deployer until the hand-over at the end.
  const authority = m.contract("AccessManager", [m.getAccount(0)]);
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
      collateral: m.getParameter("collateral"),
    },
    authority,
  ]);
  const stakeManager = m.contract("StakeManager", [
    metagraph,
    m.getParameter("unbondingEpochs"),
    m.getParameter("maxTakeBps"),
    authority,
  ]);
  const emission = m.contract("Emission", [
    metagraph,
    stakeManager,
    {
      baseRate: m.getParameter("baseRate"),
      minerBps: m.getParameter("minerBps"),
      validatorBps: m.getParameter("validatorBps"),
      treasuryBps: m.getParameter("treasuryBps"),
      treasury: m.getParameter("treasury"),
      maxBounty: m.getParameter("maxBounty"),
    },
    authority,
  ]);
  const vault = m.contract("CollateralVault", [metagraph, emission, stakeManager]);
  const updateLedger = m.contract("UpdateLedger", [metagraph, m.getParameter("maxUpdateBytes"), authority]);
  const attestationLedger = m.contract("AttestationLedger", [metagraph]);
  const weightLedger = m.contract("WeightLedger", [metagraph, authority]);
  const checkpointLedger = m.contract("CheckpointLedger", [metagraph, stakeManager]);
  const directory = m.contract("Directory", [metagraph]);
  const slashing = m.contract("Slashing", [
    metagraph,
    stakeManager,
    vault,
    updateLedger,
    weightLedger,
    checkpointLedger,
    {
      updateNotRevealedBps: m.getParameter("updateNotRevealedBps"),
      weightsNotRevealedBps: m.getParameter("weightsNotRevealedBps"),
      dataWithheldBps: m.getParameter("dataWithheldBps"),
      twoStateRootsBps: m.getParameter("twoStateRootsBps"),
      poolCapBps: m.getParameter("poolCapBps"),
      rewardBps: m.getParameter("rewardBps"),
    },
    authority,
  ]);
  const challenge = m.contract("AvailabilityChallenge", [
    metagraph,
    stakeManager,
    updateLedger,
    slashing,
    { bond: m.getParameter("challengeBond"), answerSeconds: m.getParameter("answerSeconds") },
    authority,
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
    zeroAddress,
    authority,
  ]);

  const links = [
    m.call(token, "link", [emission]),
    m.call(stakeManager, "link", [emission, slashing]),
    m.call(metagraph, "link", [stakeManager, epochEngine, vault, updateLedger, weightLedger]),
    m.call(emission, "link", [epochEngine]),
    m.call(vault, "link", [slashing]),
    m.call(updateLedger, "link", [slashing]),
    m.call(weightLedger, "link", [slashing]),
    m.call(slashing, "link", [challenge]),
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
    vault,
    slashing,
    challenge,
    checkpointLedger,
    directory,
  };
  const manifest = {
    hash: m.getParameter("manifestHash"),
    digest: m.getParameter("manifestDigest"),
    size: m.getParameter("manifestSize"),
  };
  // After the wiring: a registry that stands names a run that works.
  const runRegistry = m.contract("RunRegistry", [contracts, manifest, authority], { after: links });
  const governance = handOver(m, { authority, runRegistry, ...contracts });
  return { ...contracts, runRegistry, authority, lens, ...governance };
});
