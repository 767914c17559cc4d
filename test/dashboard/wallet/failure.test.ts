import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BaseError, RpcRequestError, UserRejectedRequestError } from "viem";
import { failureOf, WalletError } from "../../../dashboard/src/wallet/failure.ts";
import { revertOf } from "../../support/fixtureWallet.ts";

const data = revertOf("InactiveNeuron", [7n]);

describe("failureOf", () => {
  it("revert data, wherever a node or wallet puts it: the custom error", () => {
    const wrapped = [
      { code: 3, data },
      { code: -32603, data: { code: 3, data } },
      { code: -32603, data: { originalError: { code: 3, data } } },
      new BaseError("call failed", {
        cause: new RpcRequestError({ body: {}, error: { code: 3, data, message: "reverted" }, url: "x" }),
      }),
    ];
    for (const [index, error] of wrapped.entries())
      assert.equal(failureOf(error).code, "InactiveNeuron", `form ${index}`);
  });

  it("errors that staking meets: words, with their values", () => {
    const told = (name: string, args: readonly unknown[]) => {
      const { code, message, hint } = failureOf({ data: revertOf(name, args) });
      assert.equal(code, name);
      return `${message} ${hint}`;
    };
    assert.ok(told("NothingMatured", [1_790_000_000n]).includes("2026-09-21 14:13:20"));
    assert.ok(!told("NothingMatured", [0n]).includes("1970"));
    const account = `0x${"11".repeat(20)}`;
    assert.ok(told("ERC20InsufficientBalance", [account, 10n ** 18n, 25n * 10n ** 17n]).includes("2.5 WEFT"));
  });

  it("another custom error: its name and values; unknown data: REVERTED", () => {
    const other = failureOf({ data: revertOf("LengthMismatch", [1n, 2n]) });
    assert.equal(other.code, "LengthMismatch");
    assert.ok(other.hint.includes("2"));
    assert.equal(failureOf({ data: "0xdeadbeef" }).code, "REVERTED");
  });

  it("codes of wallets", () => {
    const codes = [4001, 4100, 4200, 4900, 4902, -32002].map(
      (code) => failureOf({ code, message: "x" }).code,
    );
    assert.deepEqual(codes, [
      "REJECTED",
      "NOT_ALLOWED",
      "UNSUPPORTED",
      "DISCONNECTED",
      "CHAIN_UNKNOWN",
      "PENDING",
    ]);
    assert.equal(failureOf(new UserRejectedRequestError(new Error("no"))).code, "REJECTED");
  });

  it("no coin for gas: NO_COIN", () => {
    assert.equal(failureOf(new Error("insufficient funds for gas * price + value")).code, "NO_COIN");
  });

  it("whatever else is thrown: WALLET_FAILED, of bounded length; own failures as they are", () => {
    for (const error of [undefined, null, "text", 7, new Error("x".repeat(5000)), {}]) {
      const failure = failureOf(error);
      assert.equal(failure.code, "WALLET_FAILED", String(error).slice(0, 20));
      assert.ok(failure.message.length < 300);
    }
    const own = { code: "NO_ACCOUNT", message: "a", hint: "b" };
    assert.equal(failureOf(new WalletError(own)), own);
  });

  it("an error that is its own cause: ends", () => {
    const error: { cause?: unknown; message: string } = { message: "loop" };
    error.cause = error;
    assert.equal(failureOf(error).code, "WALLET_FAILED");
  });
});
