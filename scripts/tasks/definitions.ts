import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { defaultNetworkDir } from "../../workers/cli/networkFile.ts";
import { as, coldkey, neuron, option, sendingVerb, uid, verb } from "./builders.ts";

const deployTask = task(
  "deploy",
  "Publishes a data set and a model, deploys the contracts of a run and writes network.json (default: --network localhost)",
)
  .addOption({
    name: "dir",
    description: "Folder for network.json and the content store",
    defaultValue: defaultNetworkDir,
  })
  .addOption(option("data", "File or folder of text to train on (default: text of the installed packages)"))
  .addOption(
    option(
      "dataset",
      "Data set to train on, CID:SIZE as npm run publish-dataset prints it, instead of --data",
    ),
  )
  .addOption(option("model", "Folder of a model to go on training (default: a new one)"))
  .addOption({ name: "seed", description: "Seed of the initial model", defaultValue: "weft" })
  .addOption({
    name: "miners",
    description:
      "Miners expected: seats in the gather set; on the local chain rounds are timed for as many at once",
    type: ArgumentType.INT,
    defaultValue: 4,
  })
  .addOption({
    name: "rounds",
    description: "Rounds that the learning-rate schedule is stretched over",
    type: ArgumentType.INT,
    defaultValue: 200,
  })
  .addOption({
    name: "overlap",
    description: "1: a round's first steps run while the updates of the round before travel",
    type: ArgumentType.INT,
    defaultValue: 0,
  })
  .addOption({
    name: "genesisIn",
    description: "Seconds until round 0 starts",
    type: ArgumentType.INT,
    defaultValue: 60,
  })
  .setAction(() => import("./deploy.ts"))
  .build();

/** The deployment and the participants' verbs. */
export const verbs = [
  deployTask,
  sendingVerb(
    "register",
    "Registers a hotkey as a miner and burns the price in WEFT; key files are made on first use. On the local chain (31337) the node's first account pays for newcomers",
  )
    .addOption(as)
    .addOption(coldkey)
    .addOption(option("maxBurn", "Most WEFT to burn, e.g. 2.5 (default: twice the price now)"))
    .setAction(() => import("./register.ts"))
    .build(),
  sendingVerb(
    "stake",
    "Stakes WEFT on a neuron: one's own, or another's to share its dividends. On the local chain (31337) the node's first account gives what the coldkey lacks",
  )
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("amount", "How much, in WEFT, e.g. 1000 or 12.5"))
    .addFlag({ name: "permit", description: "Claim the permit to validate with it (own neuron only)" })
    .setAction(() => import("./stake.ts"))
    .build(),
  sendingVerb(
    "unstake",
    "Gives up stake; it stops earning now and can be withdrawn when the unbonding time is over",
  )
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("amount", "How much, in WEFT, e.g. 12.5"))
    .addFlag({ name: "all", description: "All that the coldkey has staked on the neuron" })
    .setAction(() => import("./unstake.ts"))
    .build(),
  sendingVerb("withdraw", "Pays the coldkey the WEFT that it unstaked and whose unbonding time is over")
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .setAction(() => import("./withdraw.ts"))
    .build(),
  sendingVerb(
    "claim",
    "Pays a neuron's earned WEFT to its coldkey. Anyone may send it and pays the gas; nothing expires",
  )
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("account", "Pay this address its bounties or treasury part, instead of a neuron"))
    .setAction(() => import("./claim.ts"))
    .build(),
  sendingVerb("fund", "Sends the chain's coin for gas, WEFT, or both")
    .addOption(option("as", "NAME who receives: coin on its hotkey, WEFT on its coldkey"))
    .addOption(option("to", "Address that receives all, or coldkey or hotkey of --as"))
    .addOption(
      option(
        "from",
        "NAME whose coldkey pays (default: --network's account, or the node's first on the local chain)",
      ),
    )
    .addOption(option("coin", "How much of the chain's coin, in whole coins, e.g. 0.5"))
    .addOption(option("tokens", "How much WEFT, e.g. 100"))
    .setAction(() => import("./fund.ts"))
    .build(),
  sendingVerb(
    "permit",
    "Claims the right to validate from the next epoch on; needs enough WEFT staked on the neuron",
  )
    .addOption(as)
    .addOption(coldkey)
    .setAction(() => import("./permit.ts"))
    .build(),
  verb(
    "metagraph",
    "Shows who takes part: stake, incentive of the last epoch, WEFT earned and claimed, and each hotkey's coin for gas",
  )
    .addOption(option("as", "Also show what NAME's coldkey has staked on each"))
    .addOption(coldkey)
    .setAction(() => import("./metagraph.ts"))
    .build(),
  verb(
    "explain",
    "Prints a receipt of what a uid was paid for an epoch and why: its updates, every check and loss, penalties, each validator's weight, consensus, emission to the wei",
  )
    .addOption(option("uid", "Whose pay"))
    .addOption(option("epoch", "Of which epoch"))
    .addOption(option("store", "Folder of the content store, instead of network.json's"))
    .setAction(() => import("./explain.ts"))
    .build(),
  sendingVerb(
    "release",
    "Pays a neuron's unlocked collateral to its coldkey: as much as it has earned, or all of it once replaced",
  )
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .setAction(() => import("./release.ts"))
    .build(),
  sendingVerb(
    "take",
    "Sets what a neuron's owner takes of its dividends: lower at once, higher after its notice",
  )
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("percent", "Percent of dividends, e.g. 12.5"))
    .addFlag({ name: "apply", description: "Apply the announced take that is due now" })
    .setAction(() => import("./take.ts"))
    .build(),
  verb("encrypt", "Encrypts the key files of --as with a passphrase")
    .addOption(as)
    .addOption(option("role", "coldkey or hotkey (default: both)"))
    .setAction(() => import("./encrypt.ts"))
    .build(),
  sendingVerb("rotate", "Makes a new hotkey for a neuron, that of --as, and retires the present one")
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .setAction(() => import("./rotate.ts"))
    .build(),
  sendingVerb("transfer", "Offers a neuron, its own stake and what it will be paid to another coldkey")
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("to", "Address of the next coldkey; one's own takes an offer back"))
    .setAction(() => import("./transfer.ts"))
    .build(),
  sendingVerb("accept", "Takes over a neuron that was offered to the coldkey")
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .setAction(() => import("./accept.ts"))
    .build(),
  sendingVerb("identity", "Shows what a neuron says of itself, or sets it; an empty text takes it back")
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("name", "What it goes by, 64 bytes at most"))
    .addOption(option("url", "Its page, 256 bytes at most"))
    .addOption(
      option("endpoint", "Where the worker of --as is reached, e.g. the multiaddress of its IPFS node"),
    )
    .setAction(() => import("./identity.ts"))
    .build(),
  sendingVerb(
    "challenge",
    "Asks a miner, against a bond, for a slice of an update that nobody serves; answers such a challenge, or ends one that was not answered",
  )
    .addOption(as)
    .addOption(coldkey)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("round", "Round of the update, one of the last four"))
    .addOption(option("slice", "Which slice of 1 KiB, counted from 0 (default: the first)"))
    .addFlag({ name: "answer", description: "Show the slice that is asked for, from the content store" })
    .addFlag({ name: "expire", description: "End a challenge whose time is over: the miner is slashed" })
    .addOption(option("store", "Folder of the content store (default: network.json's)"))
    .setAction(() => import("./challenge.ts"))
    .build(),
  verb("status", "Whether a node works: its last rounds and why, duties, rank, earnings, gas, problems")
    .addOption(as)
    .addOption(neuron)
    .addOption(uid)
    .addOption(option("rounds", "How many rounds to look back (default: 6)"))
    .addOption(option("store", "Folder of the content store (default: network.json's)"))
    .setAction(() => import("./status.ts"))
    .build(),
  verb("powers", "Shows who holds power over the run: each role, who has it, and what it is for")
    .setAction(() => import("./powers.ts"))
    .build(),
];
