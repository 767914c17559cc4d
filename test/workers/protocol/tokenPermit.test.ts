import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFunctionData, type Hex } from "viem";
import { metagraphAbi, stakeManagerAbi } from "../../../workers/chain/generated/abi.ts";
import { permittedCall } from "../../../workers/protocol/tokenPermit.ts";

const r: Hex = `0x${"1".repeat(64)}`;
const s: Hex = `0x${"2".repeat(64)}`;

test("permittedCall, read as the contracts that spend do: the permit with its signature, then the call", () => {
  for (const abi of [metagraphAbi, stakeManagerAbi]) {
    for (const [last, v] of [
      ["1b", 27],
      ["1c", 28],
    ] as const) {
      const signature: Hex = `${r}${s.slice(2)}${last}`;
      const data = permittedCall(signature, { value: 5n, deadline: 7n, call: "0x1234" });
      const { functionName, args } = decodeFunctionData({ abi, data });
      assert.equal(functionName, "multicall");
      const [permit, call] = (args as readonly [readonly Hex[]])[0];
      assert.equal(call, "0x1234");
      assert.deepEqual(decodeFunctionData({ abi, data: permit }), {
        functionName: "selfPermit",
        args: [5n, 7n, v, r, s],
      });
    }
  }
});
