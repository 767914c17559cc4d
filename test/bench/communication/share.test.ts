import assert from "node:assert/strict";
import { test } from "node:test";
import { communicationShare, roundTimes } from "../../../bench/communication/share.ts";

const speeds = { ratio: 1 / 128, encodeGBs: 1, decodeGBs: 2, sealGBs: 1 / 8, openGBs: 1 / 8, catchUpGBs: 4 };
/** 4 GB of fp32, an update of 31.25 MB. */
const setting = {
  parameters: 1e9,
  gathered: 11,
  innerSteps: 30,
  trainSeconds: 300,
  threads: 4,
  link: { up: 100e6, down: 400e6 },
};

test("roundTimes, each part by its size and speed", () => {
  assert.deepEqual(roundTimes(setting, speeds), {
    encode: 1,
    seal: 0.0625,
    upload: 2.5,
    download: 6.25,
    // Ten updates opened, eleven decoded.
    decode: 0.625 + 5.5,
    catchUp: 0.25,
  });
});

test("communicationShare, late steps hide what travels while they run, and never the own selection and the catching up", () => {
  const times = roundTimes(setting, speeds);
  const close = (found: number, waited: number) =>
    assert.ok(Math.abs(found - waited / (300 + waited)) < 1e-12, `${found} of ${waited}`);
  const travel = 0.0625 + 2.5 + 6.25 + 6.125;
  close(communicationShare(setting, times, 0), 1 + travel);
  close(communicationShare(setting, times, 1), 1.25 + travel - 10);
  close(communicationShare(setting, times, 2), 1.25);
  // Phases pass while what was committed is fetched.
  close(communicationShare(setting, times, 0, 5), 1 + travel);
  close(communicationShare(setting, times, 2, 60), 1.25 + travel - 6.25 + 60 - 20);
});
