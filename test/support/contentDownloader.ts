// Child process of the resume test: reads a content from a gateway into a folder, and ends with 0 when it is whole.
import { systemClock } from "../../workers/runtime/clock.ts";
import { refFromCid } from "../../workers/storage/contentRef.ts";
import { openStore } from "../../workers/storage/openStore.ts";

const [folder, gateway, cid, size] = process.argv.slice(2);
const settings = { folder, ipfsApi: undefined, gateways: [gateway] };
const store = await openStore(settings, { fetch, clock: systemClock });
const { signal } = new AbortController();
await store.get(refFromCid(cid, Number(size)), { maxBytes: Number(size), signal });
process.exit(0);
