/** Z3, compiled to WebAssembly: the npm package `z3-solver`. */
import { init } from "z3-solver";

/** `unknown` where the solver gave up within its time. */
export interface Answer {
  readonly result: "sat" | "unsat" | "unknown";
  /** Where satisfiable: the values of the variables as the solver prints them. */
  readonly model: string;
}

/** What the package's own wrapper is made of. */
interface Module {
  readonly HEAPU8: Uint8Array;
  readonly _async_Z3_eval_smtlib2_string: unknown;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  UTF8ToString(pointer: number, maximum?: number): string;
  async_call(call: unknown, ...args: readonly unknown[]): Promise<string>;
}

let started: ReturnType<typeof init> | undefined;

/** Answers one SMT-LIB script that ends in `(check-sat)` and perhaps `(get-value …)`. */
export async function solve(script: string): Promise<Answer> {
  started ??= init();
  const { Z3, em } = await started;
  const module: Module = em;
  const config = Z3.mk_config();
  const context = Z3.mk_context(config);
  Z3.del_config(config);
  // The package's wrapper passes the text on the stack and takes it back while the solver's thread still reads it.
  const text = put(module, script);
  try {
    const output = await module.async_call(module._async_Z3_eval_smtlib2_string, context, text);
    const [first, ...rest] = output.trim().split("\n");
    // With nothing to show after `unsat` the rest is the error that says so.
    if (first === "unsat" || first === "unknown") return { result: first, model: "" };
    if (first !== "sat") throw new Error(`the solver says: ${output}`);
    return {
      result: "sat",
      model: rest
        .join(" ")
        .replace(/\s+/g, " ")
        .replace(/#x0*(?=[0-9a-f])/g, "0x"),
    };
  } finally {
    module._free(text);
    Z3.del_context(context);
  }
}

/** Copies a script, which is ASCII, to the solver's heap. */
function put(module: Module, script: string): number {
  const bytes = Buffer.from(`${script}\0`, "latin1");
  const pointer = module._malloc(bytes.length);
  module.UTF8ToString(pointer, 0); // makes `HEAPU8` cover memory that has grown
  module.HEAPU8.set(bytes, pointer);
  if (module.UTF8ToString(pointer) !== script) throw new Error("the script did not reach the solver");
  return pointer;
}

export async function solverVersion(): Promise<string> {
  started ??= init();
  const { Z3 } = await started;
  return Z3.get_full_version();
}
