import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { describe, it } from "node:test";
import { compile, parse, type Sources } from "../../tools/mutation/compiler.ts";
import { dependents, link, needed } from "../../tools/mutation/linking.ts";
import { type Mutant, mutantsOf, mutated } from "../../tools/mutation/mutants.ts";
import { readOptions } from "../../tools/mutation/options.ts";
import { countsOf, partialBecause, type Run, render, scoreOf } from "../../tools/mutation/report.ts";
import type { Result } from "../../tools/mutation/results.ts";
import { drawn, hashOf, quotas } from "../../tools/mutation/sample.ts";
import { Schedule } from "../../tools/mutation/schedule.ts";
import { targets } from "../../tools/mutation/targets.ts";
import { TestRunner } from "../../tools/mutation/testRunner.ts";
import { judge } from "../../tools/mutation/trial.ts";

const PRAGMA = "pragma solidity 0.8.37;";

/** The mutants of a contract with `members`, each as its operator and the source that it makes, one line per member. */
function mutantsIn(members: string): Mutant[] {
  const text = source(members);
  return mutantsOf("C.sol", text, parse({ "C.sol": text }).get("C.sol")!);
}

function source(members: string): string {
  return `${PRAGMA}\nlibrary C {\n${members}\n}\n`;
}

/** What `operator` makes of a function body over `uint256 a, b` and `bool c, d`. */
function changes(operator: string, body: string, returns = ""): string[] {
  const head = `function f(uint256 a, uint256 b, bool c, bool d) internal view${returns} {`;
  const text = source(`${head}\n${body}\n}`);
  const lines = (made: string) => made.split("\n").slice(3, -3).join("\n");
  const found = mutantsOf("C.sol", text, parse({ "C.sol": text }).get("C.sol")!);
  return found.filter((mutant) => mutant.operator === operator).map((mutant) => lines(mutated(text, mutant)));
}

describe("operators", () => {
  for (const [operator, body, expected] of [
    ["boundary", "c = a < b;", ["c = a <= b;"]],
    ["boundary", "c = a >= b;", ["c = a > b;"]],
    ["direction", "c = a <= b;", ["c = a >= b;"]],
    ["equality", "c = a == b;", ["c = a != b;"]],
    ["logic", "c = c && d || c;", ["c = c || d || c;", "c = c && d && c;"]],
    ["arithmetic", "a = (a /* + */ + b);", ["a = (a /* + */ - b);"]],
    ["arithmetic", "a = a >> b;", ["a = a << b;"]],
    ["update", "a += b;", ["a -= b;"]],
    ["update", "a |= b;", ["a &= b;"]],
    ["update", "a++; --b;", ["a--; --b;", "a++; ++b;"]],
    ["update", "for (a = 0; a < 3; a++) b = 0;", []],
    ["negate", "if (a < b) c = d;", ["if (!(a < b)) c = d;"]],
    ["negate", "if (a == b) c = d;", []],
    ["negate", "a = c ? a : b;", ["a = !(c) ? a : b;"]],
    ["delete-check", "if (c) revert();", ["if (c) {}"]],
    ["delete-check", "require(c);", ["{}"]],
    ["delete-statement", "a = b ; c = d;", ["{} c = d;", "a = b ; {}"]],
    ["literal", "a = 7;", ["a = (7 + 1);", "a = (7 - 1);"]],
    ["literal", "a = 0x00;", ["a = (0x00 + 1);"]],
    ["sender", "c = msg.sender == address(this);", ["c = tx.origin == address(this);"]],
    ["sender", "address by = msg.sender;", []],
    [
      "opcode",
      "assembly { a := shl(1, lt(a, b)) }",
      ["assembly { a := shr(1, lt(a, b)) }", "assembly { a := shl(1, gt(a, b)) }"],
    ],
    ["literal", "assembly { a := 0x1f }", ["assembly { a := 0x20 }", "assembly { a := 0x1e }"]],
    ["delete-statement", "assembly { mstore(a, b) }", ["assembly { {} }"]],
  ] as const) {
    it(`${operator}, ${body}`, () => {
      assert.deepEqual(changes(operator, body), expected);
    });
  }

  it("return-default, by the type of the only result", () => {
    assert.deepEqual(changes("return-default", "return a;", " returns (uint256)"), ["return uint256(0);"]);
    assert.deepEqual(changes("return-default", "return c;", " returns (bool)"), ["return false;"]);
    assert.deepEqual(changes("return-default", "return (a, b);", " returns (uint256, uint256)"), []);
    assert.deepEqual(changes("return-default", "return 0;", " returns (uint256)"), []);
  });

  it("drop-modifier, not a base's constructor", () => {
    const text = `${PRAGMA}\ncontract B { constructor(uint256) {} }\ncontract C is B {\n  modifier m() { _; }\n  constructor() B(1) {}\n  function f() external m {}\n}\n`;
    const found = mutantsOf("C.sol", text, parse({ "C.sol": text }).get("C.sol")!);
    assert.deepEqual(
      found
        .filter(({ operator }) => operator === "drop-modifier")
        .map((one) => mutated(text, one).split("\n")[5]),
      ["  function f() external  {}"],
    );
  });

  it("counts bytes, not characters", () => {
    assert.deepEqual(changes("equality", "/* ≤ é */ c = a == b;"), ["/* ≤ é */ c = a != b;"]);
  });
});

describe("mutantsOf", () => {
  const body = "function f(uint256 a) internal pure returns (bool) { return a < 5; }";

  it("ids are unique and stay when code elsewhere changes", () => {
    const alone = mutantsIn(body).map(({ id }) => id);
    assert.equal(new Set(alone).size, alone.length);
    const later = mutantsIn(`uint256 constant X = 1;\n// more\n${body}`).map(({ id }) => id);
    for (const id of alone) assert.ok(later.includes(id), id);
  });

  it("the same change twice, told apart by occurrence", () => {
    const ids = mutantsIn(`function f(uint256 a) internal pure {\na + a;\na + a;\n}`).map(({ id }) => id);
    const [path, change] = ["C.sol", "arithmetic `a + a;` → `a - a;`"];
    assert.deepEqual(
      ids.filter((id) => id.includes(change)),
      [`${path} ${change} #1`, `${path} ${change} #2`],
    );
  });
});

describe("sample", () => {
  const mutants = Array.from({ length: 40 }, (_, k) => ({ id: `m${k}` }));

  it("drawn, by the seed alone", () => {
    const first = drawn("seed", mutants);
    assert.deepEqual(drawn("seed", mutants.toReversed()), first);
    assert.notDeepEqual(drawn("other", mutants), first);
    assert.deepEqual(first.map(({ id }) => id).sort(), mutants.map(({ id }) => id).sort());
  });

  it("quotas, in proportion, at least 10, at most all", () => {
    assert.deepEqual(quotas(150, [700, 200, 100, 5]), [105, 30, 15, 5]);
    assert.deepEqual(quotas(150, [1000, 20]), [148, 10]);
    assert.deepEqual(quotas(3, [100, 100, 100]), [1, 1, 1]);
  });

  it("hashOf, changes with a path and with a text", () => {
    assert.equal(hashOf({ a: "1", b: "2" }), hashOf({ b: "2", a: "1" }));
    assert.notEqual(hashOf({ a: "1" }), hashOf({ b: "1" }));
    assert.notEqual(hashOf({ a: "1" }), hashOf({ a: "2" }));
  });
});

describe("Schedule", () => {
  const mutants = [1, 2, 3, 4].map((n) => ({ id: `m${n}` }) as Mutant);
  const candidates = [{ name: "C", suites: [], mutants }];

  it("replaces a mutant that does not count by the next one", () => {
    const schedule = new Schedule(candidates, [2], new Map());
    assert.equal(schedule.next()?.mutant.id, "m1");
    assert.equal(schedule.next()?.mutant.id, "m2");
    assert.equal(schedule.next(), undefined);
    schedule.add(result("m1", "invalid"));
    assert.equal(schedule.next()?.mutant.id, "m3");
    schedule.add(result("m2", "killed"));
    schedule.add(result("m3", "survived"));
    assert.equal(schedule.next(), undefined);
    assert.equal(schedule.results().length, 3);
  });

  it("takes known results where their turn comes", () => {
    const known = new Map([
      ["C m1", result("m1", "equivalent")],
      ["C m2", result("m2", "killed")],
    ]);
    const schedule = new Schedule(candidates, [2], known);
    assert.equal(schedule.next()?.mutant.id, "m3");
    assert.equal(schedule.next(), undefined);
  });
});

describe("report", () => {
  const outcomes = ["killed", "killed", "timeout", "survived", "invalid", "equivalent"] as const;
  const results = outcomes.map((outcome, k) => result(`m${k}`, outcome));
  const run: Run = { seed: "5eed", targets: [{ name: "C", candidates: 50, quota: 4 }], results };

  it("countsOf, timeouts are killed, invalid and equivalent ones do not count", () => {
    const expected = { mutants: 4, killed: 3, timeouts: 1, survived: 1, invalid: 1, equivalent: 1 };
    assert.deepEqual(countsOf(results), expected);
    assert.equal(scoreOf(countsOf(results)), 0.75);
  });

  it("render, a row per contract, a total, and each survivor with its explanation", () => {
    const text = render(run, ["C"], { m3: "It cannot matter." });
    assert.match(text, /^\| C \| 50 \| 4 \| 3 \| 1 \| 1 \| 75\.0 % \|$/m);
    assert.match(text, /^\| all \| 50 \| 4 \| 3 \| 1 \| 1 \| 75\.0 % \|$/m);
    assert.match(text, /m3[\s\S]*It cannot matter\./);
    assert.match(render(run, ["C"], {}), /Not explained/);
  });

  it("partialBecause, contracts or mutants are missing", () => {
    assert.equal(partialBecause(run, ["C", "D"]), "D not in it");
    assert.equal(partialBecause(run, ["C"]), "4 mutants of at least 150");
    const whole = Array.from({ length: 150 }, (_, k) => result(`m${k}`, "killed"));
    assert.equal(partialBecause({ ...run, results: whole }, ["C"]), undefined);
  });
});

describe("link", () => {
  const sources: Sources = {
    "contracts/L.sol": `${PRAGMA}\nlibrary L { function one() internal pure returns (uint256) { return 1; } }\n`,
    "contracts/C.sol": `${PRAGMA}\nimport {L} from "./L.sol";\ncontract C { uint256 public x; constructor(uint256 y) { x = y + L.one(); } }\n`,
    "test/C.t.sol": `${PRAGMA}\nimport {C} from "../contracts/C.sol";\ncontract T { function test_x() external { require(new C(2).x() == 3); } }\n`,
    "test/S.t.sol": `${PRAGMA}\nimport {C} from "../contracts/C.sol";\ncontract S { function test_x() external { new C{salt: 0}(2); } }\n`,
  };
  const project = link(sources, parse(sources));

  it("a suite does not hold the code that it deploys, so that a change of it leaves the suite alone", () => {
    assert.ok(!project.sources["test/C.t.sol"].includes("new C"));
    assert.deepEqual(dependents(project.uses, "contracts/L.sol"), [
      "contracts/C.sol",
      "contracts/L.sol",
      "test/S.t.sol",
    ]);
    assert.deepEqual(needed(project, "test/C.t.sol"), ["contracts/C.sol", "contracts/L.sol", "test/C.t.sol"]);
  });

  it("compiles to the suites that Hardhat would find", () => {
    const names = compile(project.sources, project.deployed, {}).map(({ name }) => name);
    assert.deepEqual(names.sort(), ["C", "L", "S", "T"]);
  });
});

describe("judge", () => {
  const contract = `${PRAGMA}\ncontract C {\nuint256 public x;\nfunction set(uint256 y) external {\nif (y > 5) revert();\nx = y;\n}\n}\n`;
  const suite = `${PRAGMA}\nimport {C} from "../contracts/C.sol";\ncontract T {\nC c = new C();\nfunction test_set() external {\nc.set(5);\nrequire(c.x() == 5);\n}\n}\n`;
  const sources: Sources = { "contracts/C.sol": contract, "test/C.t.sol": suite };
  const project = link(sources, parse(sources));
  const settings = { evmVersion: "osaka" };
  const fuzz = [{ seed: "0x1", runs: 1, invariantRuns: 1, invariantDepth: 1, gasLimit: 10_000_000 }];
  const bench = { project, settings, artifacts: compile(project.sources, project.deployed, settings), fuzz };

  for (const [outcome, from, to] of [
    ["killed", "y > 5", "y >= 5"],
    ["survived", "y > 5", "y > 6"],
    ["killed", "x = y;", "while (true) {}"],
    ["equivalent", "x = y;", "x = (y);"],
    ["invalid", "x = y;", "z = y;"],
  ] as const) {
    it(`${from} → ${to}, ${outcome}`, async () => {
      const text = contract.replace(from, to);
      const trial = { path: "contracts/C.sol", text, suites: ["test/C.t.sol"] };
      assert.equal((await judge(bench, await TestRunner.create(), trial)).outcome, outcome);
    });
  }
});

describe("targets", () => {
  it("every path and suite exists", () => {
    for (const { paths, suites } of targets)
      for (const pattern of [...paths, ...suites]) assert.ok(globSync(pattern).length > 0, pattern);
  });
});

describe("readOptions", () => {
  it("reads what was given and refuses what it does not know", () => {
    const options = readOptions(["--only", "C", "--count", "12", "--resume"], ["C"]);
    assert.deepEqual([options?.only, options?.count, options?.resume], [["C"], 12, true]);
    assert.equal(readOptions(["--help"], []), undefined);
    assert.throws(() => readOptions(["--only", "X"], ["C"]));
    assert.throws(() => readOptions(["--count", "0"], ["C"]));
  });
});

function result(id: string, outcome: Result["outcome"]): Result {
  return { target: "C", id, line: 1, outcome, seconds: 1 };
}
