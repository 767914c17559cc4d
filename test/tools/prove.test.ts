import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import fc from "fast-check";
import { compile, type Harness } from "../../tools/prove/compile.ts";
import { type Path, UnsupportedCode } from "../../tools/prove/execute.ts";
import { deploy, exhaust } from "../../tools/prove/exhaust.ts";
import { pathsOf, proveLemma } from "../../tools/prove/lemma.ts";
import { properties } from "../../tools/prove/properties.ts";
import { apply, constant, evaluate, type Term, variable } from "../../tools/prove/terms.ts";
import { compute, MAX_WORD, type Operation, operations } from "../../tools/prove/words.ts";

const settings = { evmVersion: "osaka", optimizer: { enabled: true, runs: 1_000_000 } };
const source = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
contract Examples {
    error TooLarge(uint256 value);
    uint256[4] private _slots;
    enum Three { A, B, C }

    function holds(uint64 a, uint64 b) external pure { assert(uint256(a) + b >= a); }
    function oneException(uint64 a) external pure { assert(a != 424242); }
    function wraps(uint256 a) external pure { a + 1; }
    function divides(uint64 a, uint64 b) external pure { a / b; }
    function reverts(uint64 a) external pure { if (a > 7) revert TooLarge(a); }
    function emptyDomain(uint64 a) external pure { require(a > 5 && a < 3); assert(false); }
    function lanes(uint8 i, uint8 j, uint64 value) external {
        require(i < 16 && j < 16);
        uint256 before = (_slots[j / 4] >> (64 * (j % 4))) & type(uint64).max;
        // The neighbour's lowest bit goes with it.
        _slots[i / 4] = (_slots[i / 4] & ~(uint256(type(uint64).max) << (64 * (i % 4))) & ~uint256(1)) |
            (uint256(value) << (64 * (i % 4)));
        assert(j == i || (_slots[j / 4] >> (64 * (j % 4))) & type(uint64).max == before);
    }
    function enums(uint8 a) external pure { Three(a); }
    function endless(uint256 n) external pure { for (uint256 i = 0; i < n; i++) assert(i < n); }
    function almostAll(uint256 from, uint256 to) external pure { for (uint256 v = from; v < to; v++) assert(v != 40000); }
}`;

const examples = only(compile({ "test/Examples.sol": source }, settings));
const library = (name: string) => {
  const path = `proofs/${name}.sol`;
  return only(compile({ [path]: readFileSync(path, "utf8") }, settings));
};
// The solver's threads would keep the process.
after(() => setImmediate(() => process.exit()));

function only(harnesses: ReadonlyMap<string, Harness>): Harness {
  const [harness] = harnesses.values();
  return harness;
}

describe("proveLemma", () => {
  for (const theory of ["integers", "bits"] as const) {
    it(`true for all inputs, in ${theory}, is proved`, async () =>
      assert.equal((await proveLemma(examples, "holds", theory)).status, "proved"));

    it(`false for one input, in ${theory}, fails with it`, async () => {
      const { status, detail } = await proveLemma(examples, "oneException", theory);
      assert.equal(status, "failed");
      assert.match(detail, /\(a (424242|0x67932)\)/);
    });
  }

  for (const [lemma, what] of [
    ["wraps", "overflow"],
    ["divides", "division by zero"],
    ["reverts", "error 0x"],
    ["enums", "enum out of range"],
    ["emptyDomain", "no call inside the domain"],
  ] as const) {
    it(`${lemma}, fails for ${what}`, async () => {
      const verdict = await proveLemma(examples, lemma, "integers");
      assert.equal(verdict.status, "failed");
      assert.ok(verdict.detail.includes(what), verdict.detail);
    });
  }

  it("reverts, where the library may do so, is proved", async () => {
    const verdict = await proveLemma(examples, "reverts", "integers", "TooLarge(uint256)");
    assert.equal(verdict.status, "proved");
  });

  const mutants = [
    ["Q32Proof", "shareStep", "Q32", "(a << 32) / b", "(a << 32) / b + 1"],
    ["BurnPriceProof", "raised", "BurnPrice", "price * 126", "price * 125"],
    [
      "LanesProof",
      "commitOfAnotherPeriod",
      "CommitWord",
      "raw >> 224 != period",
      "raw >> 225 != period >> 1",
    ],
    ["RoundClockProof", "onePhase", "RoundClock", "offset < self.commit", "offset <= self.commit"],
  ] as const;
  for (const [name, lemma, file, from, to] of mutants) {
    it(`${file} with ${to}, fails ${lemma}`, async () => {
      const [path, mutated] = [`proofs/${name}.sol`, `contracts/libraries/${file}.sol`];
      const text = readFileSync(mutated, "utf8");
      assert.ok(text.includes(from));
      const sources = { [path]: readFileSync(path, "utf8"), [mutated]: text.replace(from, to) };
      const harness = compile(sources, settings).get(name);
      assert.ok(harness !== undefined);
      assert.equal((await proveLemma(harness, lemma, "integers")).status, "failed");
    });
  }

  it("a lane that changes its neighbour, fails", async () =>
    assert.equal((await proveLemma(examples, "lanes", "bits")).status, "failed"));

  it("a loop without a bound, is refused", async () =>
    assert.rejects(() => proveLemma(examples, "endless", "integers"), UnsupportedCode));
});

describe("exhaust", () => {
  it("one u16 that fails, is found in its batch", async () => {
    const problem = await exhaust(examples, [{ name: "almostAll", batch: 8192 }]);
    assert.ok(problem?.includes("[32768, 40960)"), problem);
  });
});

describe("apply", () => {
  const symbolic = (Object.keys(operations) as Operation[]).filter((op) => op !== "exp");
  const small = fc.constantFrom(0n, 1n, 8n, 32n, 64n, 96n, 255n, 65535n, 1n << 64n, MAX_WORD);
  const step = fc.record({
    op: fc.constantFrom(...symbolic),
    picks: fc.tuple(fc.nat(), fc.nat(), fc.nat()),
    literal: fc.option(small),
  });

  it("random expressions, rewritten, have the value of their operations", () => {
    const inputs = fc.tuple(fc.bigInt(0n, 255n), fc.bigInt(0n, (1n << 64n) - 1n), fc.bigInt(0n, MAX_WORD));
    fc.assert(
      fc.property(inputs, fc.array(step, { minLength: 1, maxLength: 24 }), (values, steps) => {
        const names = ["x8", "y64", "z256"];
        const terms: Term[] = [variable("x8", 8), variable("y64", 64), variable("z256", 256)];
        const words = [...values];
        for (const { op, picks, literal } of steps) {
          const arity = operations[op].length;
          const chosen = picks.slice(0, arity).map((pick) => pick % terms.length);
          const termArgs = chosen.map((index) => terms[index]);
          const wordArgs = chosen.map((index) => words[index]);
          if (literal !== null) [termArgs[0], wordArgs[0]] = [constant(literal), literal];
          terms.push(apply(op, ...termArgs));
          words.push(compute(op, wordArgs));
        }
        const variables = new Map(names.map((name, index) => [name, values[index]]));
        terms.forEach((term, index) => {
          const value = evaluate(term, variables, new Map());
          assert.equal(value, words[index], `term ${index}`);
          assert.ok(term.low <= value && value <= term.high, `range of term ${index}`);
          assert.equal(value & ((1n << BigInt(term.zeros)) - 1n), 0n, `low zeros of term ${index}`);
        });
      }),
      { numRuns: 3000 },
    );
  });
});

describe("execute", () => {
  const harnesses: readonly (readonly [string, readonly string[]])[] = [
    ["RoundClockProof", ["packing", "validPasses", "oneRound", "onePhase", "epochs"]],
    ["ShareMathProof", ["stakeKeepsPrice", "unstakeKeepsPrice", "roundTrip"]],
    ["LanesProof", ["commitReadsBack", "uidLanes", "permitsReadBack", "permitsBefore"]],
  ];
  for (const [name, lemmas] of harnesses) {
    it(`${name}, random calls take one path, and the EVM ends like it`, async () => {
      const harness = library(name);
      const deployed = await deploy(harness);
      for (const lemma of lemmas) {
        const paths = pathsOf(harness, lemma);
        const parameters = harness.lemmas.get(lemma)?.parameters ?? [];
        // Small numbers are in the domain more often.
        const argument = (bits: number) =>
          fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, (1n << BigInt(bits)) - 1n));
        const calls = fc.sample(fc.tuple(...parameters.map(({ bits }) => argument(bits))), {
          numRuns: 40,
          seed: 7,
        });
        for (const call of calls) {
          const variables = new Map(parameters.map(({ name: parameter }, index) => [parameter, call[index]]));
          const taken = paths.filter((path) =>
            path.conditions.every((c) => evaluate(c, variables, new Map()) !== 0n),
          );
          assert.equal(taken.length, 1, `${lemma}(${call}): paths`);
          assert.equal(await outcomeOf(deployed, harness, lemma, call), taken[0].end, `${lemma}(${call})`);
        }
      }
      await deployed.close();
    });
  }
});

/** As the executor names it; every failure with data is a violation. */
async function outcomeOf(
  deployed: Awaited<ReturnType<typeof deploy>>,
  harness: Harness,
  lemma: string,
  call: readonly bigint[],
): Promise<Path["end"]> {
  const inputs = harness.abi.find(({ name }) => name === lemma)?.inputs ?? [];
  const args = call.map((value, index) =>
    inputs[index].type === "bytes32" ? (`0x${value.toString(16).padStart(64, "0")}` as const) : value,
  );
  try {
    await deployed.read(lemma, args);
    return "returned";
  } catch (error) {
    return /panic|custom error/i.test(String(error)) ? "violated" : "outside";
  }
}

describe("properties", () => {
  it("docs/audit/proofs.md, lists each with its title", () => {
    const document = readFileSync("docs/audit/proofs.md", "utf8");
    const listed = [...document.matchAll(/^\| (P\d+) \| ([^|]+) \|/gm)].map(([, number, title]) => [
      number,
      title,
    ]);
    assert.deepEqual(
      listed,
      properties.map(({ number, title }) => [number, title]),
    );
  });
});
