import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";

test("is ready within five seconds of the process's start", async () => {
  const started = performance.now();
  await using api = await startApi({ ready: false });
  await eventually(async () => (await fetch(`${api.url}/health/ready`)).ok, "ready");
  const milliseconds = Math.round(performance.now() - started);
  // oxlint-disable-next-line eslint/no-console -- the goal is 1500 ms, on a quiet machine
  console.info(`ready ${milliseconds} ms after the start of the process`);
  expect(milliseconds).toBeLessThan(5000);
});
