import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { encryptVerb } from "../../../scripts/tasks/encrypt.ts";
import { keyFilePath } from "../../../scripts/tasks/keys.ts";
import { registerVerb } from "../../../scripts/tasks/register.ts";
import { stakeVerb } from "../../../scripts/tasks/stake.ts";
import { inspectKeyFile } from "../../../workers/runtime/keys.ts";
import { passphraseFrom } from "../../../workers/runtime/passphrase.ts";
import { never } from "../../support/faultyChain.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { rejectsWith, type VerbBench, verbBench } from "../../support/verbBench.ts";

describe("encrypt", () => {
  const dir = temporaryFolder({ after });
  const passphraseFile = join(dir, "passphrase");
  let bench: VerbBench;
  before(async () => {
    bench = await verbBench(dir);
    writeFileSync(passphraseFile, "open sesame\n", { mode: 0o600 });
    await registerVerb({ ...bench.options, as: "alice" }, bench.context);
  });

  const encrypt = (more: object) => encryptVerb({ ...bench.options, passphraseFile, ...more }, bench.context);
  const stake = (passphrase: string | undefined) => {
    const args = { ...bench.options, as: "alice", amount: "1", permit: false };
    return stakeVerb(args, { ...bench.context, passphrase: passphraseFrom(passphrase, never) });
  };

  it("both keys of a name, and verbs go on with the passphrase alone", async () => {
    await encrypt({ as: "alice" });
    for (const role of ["coldkey", "hotkey"] as const)
      assert.equal((await inspectKeyFile(keyFilePath(dir, "alice", role))).encrypted, true, role);
    await rejectsWith(stake(undefined), "PASSPHRASE_MISSING");
    const { json } = await stake(passphraseFile);
    assert.equal(json.ownStake, "1");
  });

  it("again, an unknown name or role, nobody named: refused", async () => {
    await rejectsWith(encrypt({ as: "alice" }), "KEY_FILE_ENCRYPTED");
    await rejectsWith(encrypt({ as: "nobody" }), "KEY_FILE_MISSING");
    await rejectsWith(encrypt({ as: "alice", role: "warmkey" }), "ROLE_INVALID");
    await rejectsWith(encrypt({}), "NO_IDENTITY");
  });

  it("register with a passphrase file: keys that are made are encrypted from the start", async () => {
    const context = { ...bench.context, passphrase: passphraseFrom(passphraseFile, never) };
    await registerVerb({ ...bench.options, as: "bob", passphraseFile }, context);
    for (const role of ["coldkey", "hotkey"] as const)
      assert.equal((await inspectKeyFile(keyFilePath(dir, "bob", role))).encrypted, true, role);
  });
});
