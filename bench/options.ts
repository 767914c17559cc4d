import { Command } from "commander";

/** A bench's command line: `--help`, `--json`, and what it adds. What cannot be read is said, and ends the process with 1. */
export function benchCommand(name: string, description: string): Command {
  return new Command(`npm run bench:${name} --`)
    .description(description)
    .option("--json <file>", "also write the figures there, as JSON");
}

/** For commander: values separated by commas, each read by `parse`. */
export function listOf<Value>(parse: (text: string) => Value): (text: string) => Value[] {
  return (text) => text.split(",").map((part) => parse(part.trim()));
}
