import { serveRequests } from "../src/probe/serve-requests.ts";

// What a `BoundedProcess` runs in its tests.

const kept: Uint8Array[] = [];

await serveRequests(async (json) => {
  const task: string = JSON.parse(json);
  if (task === "hang") for (;;);
  if (task === "allocate") for (;;) kept.push(new Uint8Array(2 ** 24).fill(1));
  if (task === "crash") process.abort();
  if (task === "exit") process.exit(3);
  // oxlint-disable-next-line node/no-process-env, eslint/no-restricted-properties
  if (task === "environment") return { names: Object.keys(process.env), cwd: process.cwd() };
  return { task };
});
