import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from "viem";
import { updateCommitment, weightsCommitment } from "../../../workers/protocol/commitment.ts";
import { vectors } from "./protocolVectors.ts";

test("updateCommitment, vectors, equal to the golden value and to abi.encode", () => {
  const types = parseAbiParameters("bytes32,uint256,address,uint256,uint256,bytes32,uint256,bytes32,bytes32");
  for (const [index, vector] of vectors.updates.entries()) {
    const { chainId, ledger, round, digest, size, dataRoot, salt } = vector;
    const neuronId = BigInt(vector.neuronId);
    const commitment = updateCommitment(
      { chainId, ledger, neuronId, round },
      { digest, size, dataRoot },
      salt,
    );
    const tag = keccak256(toHex("weft.update.v1"));
    const numbers = [BigInt(chainId), BigInt(round), BigInt(size)] as const;
    const words = [
      tag,
      numbers[0],
      ledger,
      neuronId,
      numbers[1],
      digest,
      numbers[2],
      dataRoot,
      salt,
    ] as const;
    assert.equal(commitment, vector.commitment, `vector ${index}`);
    assert.equal(commitment, keccak256(encodeAbiParameters(types, words)), `vector ${index}`);
  }
});

test("updateCommitment, any field changed, another commitment", () => {
  const { chainId, ledger, round, digest, size, dataRoot, salt } = vectors.updates[0];
  const identity = { chainId, ledger, neuronId: 1n, round };
  const content = { digest, size, dataRoot };
  const commitments = [
    updateCommitment(identity, content, salt),
    updateCommitment({ ...identity, chainId: chainId + 1 }, content, salt),
    updateCommitment({ ...identity, ledger: vectors.weights[0].ledger }, content, salt),
    updateCommitment({ ...identity, neuronId: 2n }, content, salt),
    updateCommitment({ ...identity, round: round + 1 }, content, salt),
    updateCommitment(identity, { ...content, digest: dataRoot }, salt),
    updateCommitment(identity, { ...content, size: size + 1 }, salt),
    updateCommitment(identity, { ...content, dataRoot: digest }, salt),
    updateCommitment(identity, content, digest),
  ];
  assert.equal(new Set(commitments).size, commitments.length);
});

test("weightsCommitment, vectors, equal to the golden value and to abi.encode", () => {
  const types = parseAbiParameters("bytes32,uint256,address,uint256,uint256,bytes32,bytes32");
  for (const [index, vector] of vectors.weights.entries()) {
    const { chainId, ledger, epoch, row, salt } = vector;
    const neuronId = BigInt(vector.neuronId);
    const commitment = weightsCommitment({ chainId, ledger, neuronId, epoch }, row, salt);
    const tag = keccak256(toHex("weft.weights.v1"));
    const words = [tag, BigInt(chainId), ledger, neuronId, BigInt(epoch), keccak256(row), salt] as const;
    assert.equal(commitment, vector.commitment, `vector ${index}`);
    assert.equal(commitment, keccak256(encodeAbiParameters(types, words)), `vector ${index}`);
  }
});
