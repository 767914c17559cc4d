import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { hashTypedData, size } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import {
  type CheckpointSignature,
  checkpointSigner,
  checkpointTypedData,
  compactSignature,
  isCheckpointEpoch,
  quorum,
} from "../../../workers/protocol/checkpoint.ts";

const identity = { chainId: 31337, ledger: `0x${"c7".repeat(20)}` } as const;
const checkpoint = {
  round: 6,
  stateRoot: `0x${"11".repeat(32)}`,
  contentDigest: `0x${"22".repeat(32)}`,
  contentSize: 1_608_192,
} as const;
const account = privateKeyToAccount(`0x${"5a".repeat(32)}`);

test("checkpointSigner, 64-byte signature, names its key and only for what it signed", async () => {
  const signature = compactSignature(await account.signTypedData(checkpointTypedData(identity, checkpoint)));
  assert.equal(size(signature), 64);
  assert.equal(await checkpointSigner(identity, checkpoint, signature), account.address);
  for (const changed of [{ round: 7 }, { contentSize: 1 }, { stateRoot: checkpoint.contentDigest }]) {
    const other = await checkpointSigner(identity, { ...checkpoint, ...changed }, signature);
    assert.notEqual(other, account.address);
  }
  assert.notEqual(
    await checkpointSigner({ ...identity, chainId: 1 }, checkpoint, signature),
    account.address,
  );
});

test("checkpointSigner, bytes that are no signature, undefined", async () => {
  for (const bytes of ["0x", "0x00", `0x${"ff".repeat(64)}`, `0x${"00".repeat(64)}`] as const) {
    assert.equal(await checkpointSigner(identity, checkpoint, bytes), undefined);
  }
});

test("checkpointTypedData, a change of any field or of the ledger, another digest", () => {
  const digests = [
    checkpointTypedData(identity, checkpoint),
    checkpointTypedData(identity, { ...checkpoint, round: 7 }),
    checkpointTypedData(identity, { ...checkpoint, contentSize: 7 }),
    checkpointTypedData({ ...identity, ledger: `0x${"c8".repeat(20)}` }, checkpoint),
  ].map((data) => hashTypedData(data));
  assert.equal(new Set(digests).size, 4);
});

test("isCheckpointEpoch, every so many but not the first, never where none are wanted", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((epoch) => isCheckpointEpoch(epoch, 2)),
    [false, false, true, false, true],
  );
  assert.equal(isCheckpointEpoch(1, 1), true);
  assert.equal(isCheckpointEpoch(2, undefined), false);
});

const signatureOf = (uid: number): `0x${string}` => `0x${uid.toString(16).padStart(2, "0").repeat(64)}`;

test("quorum, exactly two thirds, not enough; a wei more is", () => {
  const signed = [
    { uid: 0, stake: 10n, signature: signatureOf(0) },
    { uid: 1, stake: 10n, signature: signatureOf(1) },
  ];
  assert.equal(quorum(signed, 30n), undefined);
  assert.equal(quorum(signed, 29n), `${signatureOf(0)}${signatureOf(1).slice(2)}`);
  assert.equal(quorum([], 0n), undefined);
});

test("quorum, any stakes, the fewest largest that suffice, each uid once", () => {
  const entry = fc.record({ uid: fc.nat(20), stake: fc.bigInt(0n, 10n ** 6n) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), fc.bigInt(1n, 10n ** 7n), (entries, permitted) => {
      const signed: CheckpointSignature[] = entries.map((each) => ({
        ...each,
        signature: signatureOf(each.uid),
      }));
      const stakes = new Map(signed.map(({ uid, stake }) => [uid, stake]));
      const sums = [...stakes.values()].sort((a, b) => Number(b - a));
      const needed = sums.findIndex((_, k) => {
        const sum = sums.slice(0, k + 1).reduce((total, stake) => total + stake, 0n);
        return 3n * sum > 2n * permitted;
      });
      const found = quorum(signed, permitted);
      assert.equal(found === undefined ? -1 : size(found) / 64 - 1, needed);
    }),
    { seed: 11, numRuns: 300 },
  );
});
