/**
 * Symbolic execution of runtime bytecode: every path from a call with unknown arguments and unknown storage to its end.
 * Loops end where their conditions become constants; a condition that a path has decided before is not decided again.
 */
import { Memory } from "./memory.ts";
import { anyStorage, apply, constant, select, store, type Term } from "./terms.ts";
import { type Operation, operations } from "./words.ts";

/** How a path ends. `outside`: reverted without data, which is how a harness leaves its domain. */
export interface Path {
  readonly end: "returned" | "outside" | "violated";
  /** For `violated`: what the path reverted with. */
  readonly what: string;
  /** Words that are not zero on this path. */
  readonly conditions: readonly Term[];
}

/** Code that this executor does not model. */
export class UnsupportedCode extends Error {
  override readonly name = "UnsupportedCode";
}

interface State {
  pc: number;
  steps: number;
  readonly stack: Term[];
  readonly memory: Memory;
  storage: Term;
  readonly conditions: Term[];
  /** Ids of terms whose truth the path has decided. */
  readonly decided: Map<number, boolean>;
}

const MAX_STEPS = 200_000;
const MAX_PATHS = 2_000;
const PANIC = 0x4e487b71n;
const panics: Readonly<Record<string, string>> = {
  "1": "assertion",
  "17": "overflow",
  "18": "division by zero",
  "33": "enum out of range",
  "50": "index out of bounds",
};

const byOpcode: Readonly<Record<number, Operation>> = {
  1: "add",
  2: "mul",
  3: "sub",
  4: "div",
  6: "mod",
  8: "addmod",
  9: "mulmod",
  10: "exp",
  16: "lt",
  17: "gt",
  18: "slt",
  19: "sgt",
  20: "eq",
  21: "iszero",
  22: "and",
  23: "or",
  24: "xor",
  25: "not",
  26: "byte",
  27: "shl",
  28: "shr",
  30: "clz",
};

/** All paths through `code` when called with `calldata` of `size` bytes and without value. */
export function execute(code: Uint8Array, calldata: Memory, size: number): Path[] {
  const destinations = jumpDestinations(code);
  const first = { memory: new Memory(), storage: anyStorage, conditions: [], decided: new Map() };
  const open: State[] = [{ pc: 0, steps: 0, stack: [], ...first }];
  const paths: Path[] = [];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    paths.push(follow(state));
    if (paths.length > MAX_PATHS) throw new UnsupportedCode(`more than ${MAX_PATHS} paths`);
  }
  return paths;

  function follow(state: State): Path {
    for (;;) {
      if (++state.steps > MAX_STEPS) throw new UnsupportedCode(`more than ${MAX_STEPS} steps on a path`);
      const opcode = code[state.pc] ?? 0;
      const pop = () => taken(state);
      const offset = () => concrete(pop());
      const operation = byOpcode[opcode];
      let next = state.pc + 1;
      if (operation !== undefined) {
        const args = Array.from({ length: operations[operation].length }, pop);
        state.stack.push(apply(operation, ...args));
      } else if (opcode >= 0x5f && opcode <= 0x7f) {
        next += opcode - 0x5f;
        const bytes = code.subarray(state.pc + 1, next);
        state.stack.push(constant(BigInt(`0x0${Buffer.from(bytes).toString("hex")}`)));
      } else if (opcode >= 0x80 && opcode <= 0x8f) {
        state.stack.push(state.stack[state.stack.length - (opcode - 0x7f)]);
      } else if (opcode >= 0x90 && opcode <= 0x9f) {
        const top = state.stack.length - 1;
        const other = top - (opcode - 0x8f);
        [state.stack[top], state.stack[other]] = [state.stack[other], state.stack[top]];
      } else if (opcode === 0x34) state.stack.push(constant(0n));
      else if (opcode === 0x35) state.stack.push(calldata.read(offset()));
      else if (opcode === 0x36) state.stack.push(constant(BigInt(size)));
      else if (opcode === 0x50) pop();
      else if (opcode === 0x51) state.stack.push(state.memory.read(offset()));
      else if (opcode === 0x52) state.memory.write(offset(), pop());
      else if (opcode === 0x53) state.memory.writeByte(offset(), pop());
      else if (opcode === 0x54) state.stack.push(select(state.storage, pop()));
      else if (opcode === 0x55) state.storage = store(state.storage, pop(), pop());
      else if (opcode === 0x5b) state.steps += 0;
      else if (opcode === 0x5e) state.memory.copyWithin(offset(), offset(), offset());
      else if (opcode === 0x56) next = destination(offset());
      else if (opcode === 0x57) next = branch(state, destination(offset()), pop());
      else if (opcode === 0x00 || opcode === 0xf3) return ended(state, "returned");
      else if (opcode === 0xfd) return reverted(state, pop(), pop());
      else throw new UnsupportedCode(`opcode 0x${opcode.toString(16)}`);
      state.pc = next;
    }
  }

  /** The next instruction; the other side, where both are possible, is kept for later. */
  function branch(state: State, target: number, condition: Term): number {
    const truth = condition.low > 0n ? true : condition.high === 0n ? false : state.decided.get(condition.id);
    if (truth !== undefined) return truth ? target : state.pc + 1;
    const negation = apply("iszero", condition);
    open.push({
      ...state,
      pc: state.pc + 1,
      stack: [...state.stack],
      memory: state.memory.copy(),
      conditions: [...state.conditions, negation],
      decided: new Map(state.decided).set(condition.id, false).set(negation.id, true),
    });
    state.conditions.push(condition);
    state.decided.set(condition.id, true).set(negation.id, false);
    return target;
  }

  function destination(target: number): number {
    if (!destinations.has(target)) throw new UnsupportedCode(`jump to ${target}`);
    return target;
  }
}

function taken(state: State): Term {
  const term = state.stack.pop();
  if (term === undefined) throw new UnsupportedCode("empty stack");
  return term;
}

function ended(state: State, end: Path["end"], what = ""): Path {
  return { end, what, conditions: state.conditions };
}

function reverted(state: State, at: Term, length: Term): Path {
  if (length.high === 0n) return ended(state, "outside");
  const offset = concrete(at);
  const selector = apply("shr", constant(224n), state.memory.read(offset));
  if (selector.op !== "const") throw new UnsupportedCode("unknown error");
  if (selector.value !== PANIC)
    return ended(state, "violated", `error 0x${selector.value.toString(16).padStart(8, "0")}`);
  const code = state.memory.read(offset + 4);
  return ended(state, "violated", panics[String(code.value)] ?? `panic ${code.value}`);
}

function concrete(term: Term): number {
  if (term.op !== "const" || term.value > 1n << 32n) throw new UnsupportedCode("an unknown offset");
  return Number(term.value);
}

function jumpDestinations(code: Uint8Array): ReadonlySet<number> {
  const found = new Set<number>();
  for (let pc = 0; pc < code.length; pc++) {
    if (code[pc] === 0x5b) found.add(pc);
    if (code[pc] >= 0x60 && code[pc] <= 0x7f) pc += code[pc] - 0x5f;
  }
  return found;
}
