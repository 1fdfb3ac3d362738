import { execFile } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { eventually, runApi, startApi } from "../support/api-process.ts";
import { expectDocumented } from "../support/documented.ts";
import { post, send } from "../support/json-request.ts";
import { keepAliveClient } from "../support/keep-alive-client.ts";
import { copyOfModels } from "../support/model-repository.ts";
import { preload } from "../support/preload.ts";
import { childrenOf } from "../support/process-tree.ts";

const NEW_CONNECTION = { headers: { connection: "close" } };

test("several processes end with 1 when the port is taken", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = Object(holder.address());
  const { code, lines } = await runApi({ variables: { PORT: String(port), WORKERS: "2" } });
  holder.close();
  expect(code).toBe(1);
  // Each process may say it before the primary ends them.
  expect([...new Set(lines)]).toEqual([
    expect.stringContaining(`sepal: cannot listen on 127.0.0.1:${port}: `),
  ]);
});

test("a process joins when it has the default model, though others still load", async () => {
  await using repository = await copyOfModels();
  const file = repository.file("iris-mlp", "1", "model.onnx");
  await rm(file);
  // Reading a named pipe lasts until somebody has written to it.
  await promisify(execFile)("mkfifo", [file]);
  const variables = { WORKERS: "2", MODELS_DIR: repository.path };
  await using api = await startApi({ variables, ready: false });
  const listening = () => api.log.filter((line) => line["msg"] === "listening").length;
  await eventually(() => listening() === 2, "both processes listen");
  expect((await fetch(`${api.url}/models/iris-mlp`)).status).toBe(200);
});

test("no process says ready while the first one still loads", async () => {
  const slow = [
    "import files from 'node:fs/promises'",
    "import cluster from 'node:cluster'",
    "import { syncBuiltinESMExports } from 'node:module'",
    "const { open } = files",
    "const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))",
    "const late = (path) => cluster.worker?.id === 1 && String(path).endsWith('model.onnx')",
    "files.open = async (path, ...rest) => { if (late(path)) await pause(1500); return open(path, ...rest) }",
    "syncBuiltinESMExports()",
  ].join(";");
  const variables = { WORKERS: "2", ...preload(slow) };
  await using api = await startApi({ variables, ready: false });
  const ready = async () => (await send(`${api.url}/health/ready`, NEW_CONNECTION)).status;
  expect(await ready()).toBe(503);
  await eventually(async () => (await ready()) === 200, "ready");
  const answers = await Promise.all(Array.from({ length: 40 }, ready));
  expect([...new Set(answers)]).toEqual([200]);
});

test("a reading of the metrics fails with 503 while the primary process says nothing", async () => {
  await using api = await startApi({ variables: { WORKERS: "2" } });
  using client = keepAliveClient(api.url);
  expect((await client.send("/metrics")).status).toBe(200);
  api.child.kill("SIGSTOP");
  const { status, headers, text } = await client.send("/metrics");
  const contentType = headers["content-type"] ?? null;
  const body = JSON.parse(text);
  expect([status, body.detail]).toEqual([503, "the primary process did not respond"]);
  expect(headers["retry-after"]).toBe("1");
  expectDocumented({ method: "GET", path: "/metrics", status: 503, contentType, body });
});

test("SIGTERM ends with 1 within the grace times when a process does not end", async () => {
  const variables = { WORKERS: "2", SHUTDOWN_GRACE_MS: "500" };
  await using api = await startApi({ variables });
  const [stuck = 0] = childrenOf(api.child.pid ?? 0);
  process.kill(stuck, "SIGSTOP");
  api.child.kill("SIGTERM");
  expect(await api.ended()).toBe(1);
  expect(api.log.map((line) => line["msg"])).toContain(
    "a server process did not end within the grace time",
  );
});

test("a batch that takes more memory than its thread may have is 503, and the next one is answered", async () => {
  const variables = { INFERENCE_THREADS: "1", INFERENCE_THREAD_HEAP_MB: "32" };
  await using api = await startApi({ variables });
  const batch = (rows: string[]) =>
    post(`${api.url}/predict-batch`, `{"rows":[${rows.join(",")}]}`);
  // Two million rows that break a rule each: their findings alone are more than its heap.
  const { status, headers, body } = await batch(Array.from({ length: 2_000_000 }, () => '"x"'));
  expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
  expect(body.detail).toBe("the thread of this batch ended; send it again");
  const good = Array.from({ length: 1000 }, () => "[5.10000,3.50000,1.40000,0.20000]");
  expect((await batch(good)).body.count).toBe(1000);
  expect((await post(`${api.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] })).status).toBe(200);
  // The log goes another way than the answers.
  const told = () => api.log.find(({ msg }) => msg === "inference thread");
  await expect.poll(() => JSON.stringify(told() ?? null)).toContain("ERR_WORKER_OUT_OF_MEMORY");
  const { text } = await send(`${api.url}/metrics`);
  expect(text).toContain('inference_rejections_total{reason="worker_crashed"} 1\n');
});
