import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startApi } from "../support/api-process.ts";

test("ONNX Runtime keeps no device id and no events to send", async () => {
  const home = await mkdtemp(join(tmpdir(), "sepal-home-"));
  try {
    await using _api = await startApi({ variables: { HOME: home } });
    // With telemetry on, its identifier and its queue of events appear here before the first answer.
    expect(await readdir(home, { recursive: true })).toEqual([]);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
