/** Every invariant numbered in docs/invariants.md has a test that names its number. */
import { glob, readFile } from "node:fs/promises";

/** Numbers without a test, numbers tested but not listed, and numbers listed twice. */
export async function checkInvariants(): Promise<string[]> {
  const document = await readFile("docs/invariants.md", "utf8");
  const listed = [...document.matchAll(/^\|\s*(I\d+)\s*\|/gm)].map((match) => match[1]);
  const tested = new Set<string>();
  for await (const path of glob("test/**/*.{sol,ts}")) {
    for (const match of (await readFile(path, "utf8")).matchAll(/(?<![A-Za-z0-9])I(\d+)(?![0-9])/g))
      tested.add(`I${match[1]}`);
  }
  const untested = listed
    .filter((number) => !tested.has(number))
    .map((number) => `${number}: no test names it`);
  const twice = listed.filter((number, index) => listed.indexOf(number) !== index);
  return [...untested, ...twice.map((number) => `${number}: listed twice`)];
}
