import { task } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import { defaultNetworkDir } from "../../workers/cli/networkFile.ts";

const text = ArgumentType.STRING_WITHOUT_DEFAULT;

/** An option without a default. */
export function option<Name extends string>(name: Name, description: string) {
  return { name, description, type: text, defaultValue: undefined } as const;
}

export const as = option("as", "Who acts: keys/NAME-coldkey.json and keys/NAME-hotkey.json in --dir");
export const coldkey = option(
  "coldkey",
  "Key file of the coldkey, instead of --as or of --network's account",
);
export const neuron = option("neuron", "Neuron by its id, instead of the one of --as");
export const uid = option("uid", "Neuron by its uid, instead of the one of --as");

/** A task with the options that every verb has. */
export function verb(name: string, description: string) {
  return task(name, description)
    .addOption({
      name: "dir",
      description: "Folder of the run's network.json and of keys/",
      defaultValue: defaultNetworkDir,
    })
    .addOption(option("rpc", "RPC URL, instead of --network's or network.json's"))
    .addOption(option("registry", "Address of the run's RunRegistry, instead of network.json's"))
    .addOption(
      option(
        "passphraseFile",
        "File with the passphrase of the key files; keys made now are encrypted with it",
      ),
    )
    .addFlag({
      name: "json",
      description: "Print the result as JSON; amounts are decimal strings in tokens",
    });
}

/** A verb that sends transactions. */
export function sendingVerb(name: string, description: string) {
  return verb(name, description)
    .addFlag({ name: "dryRun", description: "Say what would happen and what it would cost; send nothing" })
    .addFlag({
      name: "yes",
      description: "Do not ask before what cannot be taken back (never asked on the local chain, 31337)",
    });
}
