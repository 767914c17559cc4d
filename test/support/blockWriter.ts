// Child process of the kill test: writes blocks over and over, in an order of its own, until killed.
import * as raw from "multiformats/codecs/raw";
import { FileBlockstore } from "../../workers/storage/blockstore.ts";
import { cidOfBlock } from "../../workers/storage/dag.ts";
import { patternBytes } from "./contentStoreCompliance.ts";

const [directory, size, count] = process.argv.slice(2);
const store = new FileBlockstore(directory);
for (let index = 0; index < Number(count); index++) {
  const bytes = patternBytes(Number(size) + index);
  await store.put(cidOfBlock(raw.code, bytes), bytes);
  if (index === 0) process.send?.("stored");
}
