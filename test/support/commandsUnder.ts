/** The indented lines of a section that are commands. */
export function commandsUnder(heading: string, markdown: string): string[] {
  const section = markdown.split(/^(?=## )/m).find((part) => part.startsWith(heading)) ?? "";
  return section
    .split("\n")
    .filter((line) => /^ {4}(npx|npm|ipfs) /.test(line))
    .map((line) => line.trim());
}
