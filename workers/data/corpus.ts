import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { FatalError } from "../protocol/errors.ts";
import { type Corpus, compareText, type Document, normalizeText, scatter } from "./documents.ts";
import { dropLeaks, dropNearDuplicates } from "./duplicates.ts";

/** Folders of one package, and how many bytes of it at most, so that no package makes up most of the corpus. */
interface Source {
  readonly name: string;
  readonly maxBytes: number;
}

/**
 * Pinned packages with readable source or documentation, none of them specific to a platform. Text of the second list
 * is never trained on. The lists name packages, rather than take all, so that a dependency more or less does not
 * change the data of a run.
 */
export const trainingPackages: readonly Source[] = [
  { name: "@nomicfoundation/hardhat-ignition", maxBytes: 200_000 },
  { name: "@nomicfoundation/ignition-core", maxBytes: 700_000 },
  { name: "@openzeppelin/contracts", maxBytes: 1_200_000 },
  { name: "abitype", maxBytes: 200_000 },
  { name: "commander", maxBytes: 100_000 },
  { name: "hardhat", maxBytes: 1_200_000 },
  { name: "multiformats", maxBytes: 100_000 },
  { name: "ox", maxBytes: 1_000_000 },
  { name: "pino", maxBytes: 200_000 },
  { name: "viem", maxBytes: 1_300_000 },
];
export const heldOutPackages: readonly Source[] = [
  { name: "@nomicfoundation/hardhat-keystore", maxBytes: 100_000 },
  { name: "@nomicfoundation/hardhat-network-helpers", maxBytes: 100_000 },
  { name: "@nomicfoundation/hardhat-utils", maxBytes: 200_000 },
  { name: "@nomicfoundation/hardhat-verify", maxBytes: 150_000 },
  { name: "ipfs-unixfs-importer", maxBytes: 100_000 },
];

const wantedFile = /\.(sol|ts|md)$/;
/** Declarations repeat the source they were made from; change logs, licences and lists of chains are boilerplate. */
const unwantedFile = /\.d\.ts$|\/definitions\/|(^|\/)(changelog|licen[cs]e|security|contributing)[^/]*$/i;
/** Minified or tabular text: no person writes such a line. */
const longestLine = 600;
const generatedMark = /@generated|auto-?generated|procedurally generated|do not edit/i;

/**
 * The corpus every run has without being given one: Solidity, TypeScript and Markdown inside the pinned packages of
 * this repository's lockfile. The same bytes on every machine that ran `npm ci`; takes a second or two.
 * @param root folder that holds `node_modules`
 * @throws FatalError DATA_PACKAGE_MISSING when a package is not installed
 */
export async function readDefaultCorpus(root: string, signal: AbortSignal): Promise<Corpus> {
  const read = async (sources: readonly Source[]) => {
    const packages: Document[][] = [];
    for (const source of sources) packages.push(await readPackage(root, source.name, signal));
    return packages.flat();
  };
  const found = { training: await read(trainingPackages), heldOut: await read(heldOutPackages) };
  const training = capEach(trainingPackages, dropNearDuplicates(found.training));
  const distinct = capEach(heldOutPackages, dropNearDuplicates(found.heldOut));
  const heldOut = dropLeaks(distinct.documents, training.documents);
  return {
    training: scatter(training.documents),
    heldOut: scatter(heldOut),
    dropped: {
      duplicates: found.training.length + found.heldOut.length - training.distinct - distinct.distinct,
      leaks: distinct.documents.length - heldOut.length,
    },
  };
}

/** Usable texts of one package in path order. */
async function readPackage(root: string, name: string, signal: AbortSignal): Promise<Document[]> {
  const folder = path.join(root, "node_modules", name);
  const files = await listFiles(folder, "").catch((cause) => {
    throw new FatalError("DATA_PACKAGE_MISSING", `The default corpus needs the package ${name}`, {
      data: { name, folder },
      hint: "Run npm ci, or give data of your own with --data.",
      cause,
    });
  });
  const documents: Document[] = [];
  for (const file of files.sort(compareText)) {
    signal.throwIfAborted();
    const text = normalizeText(await readFile(path.join(folder, file)));
    if (text !== undefined && isReadable(text))
      documents.push({ group: name, path: `${name}/${file}`, text });
  }
  return documents;
}

async function listFiles(folder: string, below: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== "node_modules") files.push(...(await listFiles(folder, name)));
    else if (entry.isFile() && wantedFile.test(name) && !unwantedFile.test(name)) files.push(name);
  }
  return files;
}

function isReadable(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes);
  return (
    text.length >= 200 &&
    !generatedMark.test(text.slice(0, 1000)) &&
    text.split("\n").every((line) => line.length <= longestLine)
  );
}

/** Of each package the documents whose scattered order comes first, up to its share. */
function capEach(
  sources: readonly Source[],
  documents: readonly Document[],
): { documents: Document[]; distinct: number } {
  const kept = sources.flatMap(({ name, maxBytes }) => {
    let left = maxBytes;
    return scatter(documents.filter(({ group }) => group === name)).filter(({ text }) => {
      left -= text.length;
      return left >= 0;
    });
  });
  return { documents: kept, distinct: documents.length };
}
