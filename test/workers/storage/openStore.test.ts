import assert from "node:assert/strict";
import { it } from "node:test";
import { FatalError } from "../../../workers/protocol/errors.ts";
import { systemClock } from "../../../workers/runtime/clock.ts";
import { StoreError } from "../../../workers/storage/errors.ts";
import { LocalStore } from "../../../workers/storage/localStore.ts";
import { openStore, storeSettings } from "../../../workers/storage/openStore.ts";
import { patternBytes } from "../../support/contentStoreCompliance.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const { signal } = new AbortController();
const network = { fetch, clock: systemClock };

it("storeSettings, environment and command line, lets the command line win", () => {
  const environment = { IPFS_API: "http://127.0.0.1:5001", IPFS_GATEWAYS: "https://a, https://b," };
  assert.deepEqual(storeSettings("/f", environment), {
    folder: "/f",
    ipfsApi: "http://127.0.0.1:5001",
    gateways: ["https://a", "https://b"],
  });
  const given = { ipfs: "http://127.0.0.1:6001", gateway: ["https://c"] };
  assert.deepEqual(storeSettings("/f", environment, given), {
    folder: "/f",
    ipfsApi: "http://127.0.0.1:6001",
    gateways: ["https://c"],
  });
  assert.deepEqual(storeSettings("/f", { IPFS_API: "" }), { folder: "/f", ipfsApi: undefined, gateways: [] });
});

it("openStore, without an IPFS API and with one, stores in the folder or in the daemon", async (test) => {
  const folder = temporaryFolder(test);
  const settings = { folder, ipfsApi: undefined, gateways: ["https://gateway.invalid"] };
  const bytes = patternBytes(100);
  const ref = await (await openStore(settings, network)).put(bytes, { signal });
  const again = await LocalStore.open(folder);
  assert.ok(Buffer.from(bytes).equals(await again.get(ref, { maxBytes: 100, signal })));
  const daemon = await openStore({ ...settings, ipfsApi: "http://127.0.0.1:9" }, network);
  await assert.rejects(
    daemon.put(bytes, { signal }),
    (error) => error instanceof StoreError && error.code === "STORE_UNAVAILABLE",
  );
});

it("openStore, what is no HTTP address, is refused", async (test) => {
  const settings = { folder: temporaryFolder(test), ipfsApi: undefined, gateways: [] };
  for (const wrong of [
    { ...settings, ipfsApi: "/ip4/127.0.0.1/tcp/5001" },
    { ...settings, gateways: ["ftp://x"] },
  ])
    await assert.rejects(
      openStore(wrong, network),
      (error) => error instanceof FatalError && error.code === "OPTION_INVALID",
    );
});
