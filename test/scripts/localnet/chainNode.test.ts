import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { requireFreePort } from "../../../scripts/localnet/chainNode.ts";

test("requireFreePort, somebody listens: PORT_TAKEN with the port; once it is free: nothing", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const { port } = address;
  await assert.rejects(requireFreePort(port), { code: "PORT_TAKEN", data: { port } });
  await new Promise((resolve) => server.close(resolve));
  await requireFreePort(port);
});
