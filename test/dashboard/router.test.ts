import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hrefOf, type Route, routeOf } from "../../dashboard/src/router.ts";

describe("routeOf", () => {
  it("every address that hrefOf writes: the same page again", () => {
    const routes: readonly Route[] = [
      { page: "network" },
      { page: "metagraph" },
      { page: "neuron", neuronId: "7", epoch: undefined },
      { page: "neuron", neuronId: "7", epoch: 0 },
      { page: "round", round: undefined },
      { page: "round", round: 12 },
      { page: "text" },
      { page: "stake", neuronId: undefined },
      { page: "stake", neuronId: "3" },
    ];
    for (const route of routes) assert.deepEqual(routeOf(hrefOf(route)), route, hrefOf(route));
  });

  it("no hash, and one with a slash at its end: as without", () => {
    assert.deepEqual(routeOf(""), { page: "network" });
    assert.deepEqual(routeOf("#"), { page: "network" });
    assert.deepEqual(routeOf("#/metagraph/"), { page: "metagraph" });
  });

  it("other pages, too many parts, and ids that are none: unknown", () => {
    const hashes = [
      "#/x",
      "#/metagraph/1",
      "#/neuron",
      "#/text/1",
      "#/neuron/1/2/3",
      "#/neuron/-1",
      "#/neuron/01",
      "#/round/1e3",
    ];
    const hostile = [
      "#/neuron/..%2f",
      "#/neuron/<b>",
      "#/stake/9999999999999999",
      "#/constructor",
      "#/neuron/../../api",
    ];
    for (const hash of [...hashes, ...hostile]) assert.deepEqual(routeOf(hash), { page: "unknown" }, hash);
  });
});
