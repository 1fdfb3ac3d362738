import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { eventually, runApi, startApi } from "../support/api-process.ts";
import { holdPost } from "../support/held-post.ts";
import { post, send } from "../support/json-request.ts";
import { emptyRepository } from "../support/model-repository.ts";
import { preload } from "../support/preload.ts";

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };
const MODELS_DIR = fileURLToPath(new URL("../../../../models", import.meta.url));

describe("start", () => {
  test("ends with 1 and one clear line for each wrong setting", async () => {
    const variables = { PORT: "eighty", MAX_BATCH_ROWS: "0", LOG_LEVEL: "loud" };
    expect(await runApi({ variables })).toEqual({
      code: 1,
      lines: [
        'sepal: PORT must be a whole number from 0 to 65535, not "eighty"',
        'sepal: MAX_BATCH_ROWS must be a whole number from 1 to 10000000, not "0"',
        'sepal: LOG_LEVEL must be one of trace, debug, info, warn, error, silent, not "loud"',
      ],
    });
  });

  test("ends with 1 and one clear line when the port is taken", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = Object(holder.address());
    const { code, lines } = await runApi({ variables: { PORT: String(port) } });
    holder.close();
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringMatching(
        new RegExp(
          `^sepal: cannot listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*; stop the program that has the port, or set PORT to another$`,
        ),
      ),
    ]);
  });

  test("ends with 1 and the stack of a failure that has nothing to do with the port", async () => {
    const broken = [
      "import hooks from 'node:perf_hooks'",
      "import { syncBuiltinESMExports } from 'node:module'",
      "hooks.monitorEventLoopDelay = () => { throw new Error('no monitor') }",
      "syncBuiltinESMExports()",
    ].join(";");
    const { code, lines } = await runApi({ variables: preload(broken) });
    expect(code).toBe(1);
    const text = lines.join("\n");
    expect(text).not.toContain("cannot listen");
    expect(text).toMatch(/Error: no monitor[^]*process-metrics\.ts/);
  });

  test("reads .env in the working directory, and the environment wins over it", async () => {
    await using folder = await emptyRepository();
    const lines = [`MODELS_DIR=${MODELS_DIR}`, "DEFAULT_MODEL=iris-mlp", "MAX_BATCH_ROWS=2"];
    await writeFile(folder.file(".env"), lines.join("\n"));
    const variables = { MAX_BATCH_ROWS: "1" };
    await using api = await startApi({ cwd: folder.path, variables });
    const one = await post(`${api.url}/predict-batch`, { rows: [GOOD.features] });
    expect(one.body).toMatchObject({ count: 1, model_used: "iris-mlp" });
    const two = await post(`${api.url}/predict-batch`, { rows: [GOOD.features, GOOD.features] });
    expect(two.status).toBe(422);
  });

  test("leaves less than 240 MB resident", async () => {
    await using api = await startApi();
    const { text } = await send(`${api.url}/metrics`);
    const megabytes = Number(/^process_resident_memory_bytes (\d+)/m.exec(text)?.[1]) / 1e6;
    // 166 to 179 with 48 of young objects, which nothing collects in an idle process.
    expect(megabytes).toBeLessThan(240);
  });
});

describe("SIGTERM", () => {
  test("takes the server out of rotation at once and serves for the grace time", async () => {
    await using api = await startApi({ variables: { READINESS_GRACE_MS: "1500" } });
    const before = await post(`${api.url}/predict`, GOOD);
    expect(before.headers.get("connection")).toBe("keep-alive");
    api.child.kill("SIGTERM");
    const ready = () => send(`${api.url}/health/ready`);
    await eventually(async () => (await ready()).status === 503, "not ready", 1000);
    expect((await ready()).body.reason).toBe("the server is shutting down");
    expect((await send(`${api.url}/health/live`)).status).toBe(200);
    const during = await post(`${api.url}/predict`, GOOD);
    expect([during.status, during.body.label]).toEqual([200, "setosa"]);
    expect(during.headers.get("connection")).toBe("close");
    expect(await api.ended()).toBe(0);
    expect(api.errors()).toBe("");
    const said = api.log.map((line) => line["msg"]);
    expect(said).toContain("draining");
    expect(said.at(-1)).toBe("stopped");
    await expect(fetch(`${api.url}/health/live`)).rejects.toThrow("fetch failed");
  });

  test.each([
    ["on the main thread", "0", /inference_rows_total\{.*lane="batch"\} \d/],
    ["on a worker thread", "1", /inference_large_batches 1/],
  ])("lets work in flight %s finish", async (_where, threads, sign) => {
    // A thread of low priority may take long on a busy machine.
    const variables = { INFERENCE_THREADS: threads, SHUTDOWN_GRACE_MS: "120000" };
    await using api = await startApi({ variables });
    const rows = Array.from({ length: 100_000 }, () => GOOD.features);
    let answered = false;
    const reply = post(`${api.url}/predict-batch`, { rows, batch_size: 10 }).finally(() => {
      answered = true;
    });
    const metrics = async () => (await send(`${api.url}/metrics`)).text;
    const running = async () => sign.test(await metrics());
    await eventually(running, "the batch runs");
    expect(answered).toBe(false);
    api.child.kill("SIGTERM");
    const { status, body } = await reply;
    expect([status, body.count]).toEqual([200, 100_000]);
    expect(await api.ended()).toBe(0);
  });

  test.each([
    ["/predict", GOOD],
    ["/trpc/predict", GOOD],
    ["/predict-batch", { rows: Array.from({ length: 5000 }, () => GOOD.features) }],
  ])("responds to a request to %s whose body is still on its way", async (path, body) => {
    // A busy machine may take long to close the listener and to read the rest.
    await using api = await startApi({ variables: { SHUTDOWN_GRACE_MS: "120000" } });
    const held = await holdPost(api.url + path, JSON.stringify(body));
    api.child.kill("SIGTERM");
    const refused = () =>
      fetch(`${api.url}/health/live`).then(
        () => false,
        () => true,
      );
    await eventually(refused, "the listener is closed");
    expect(api.child.exitCode).toBeNull();
    const { status, text } = await held.finish();
    expect([status, text]).toEqual([200, expect.stringContaining("setosa")]);
    expect(await api.ended()).toBe(0);
  });
});

describe("the log", () => {
  test("has one line a request, with what operators need and no feature values", async () => {
    await using api = await startApi();
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const features = [5.0625, 3.515625, 1.4, 0.2];
    await post(`${api.url}/predict`, { features }, { ...headers, "x-request-id": "one" });
    await post(
      `${api.url}/predict-batch`,
      { rows: [features, features] },
      { "x-request-id": "two" },
    );
    await post(`${api.url}/predict`, { features: ["5.0625"] }, { "x-request-id": "bad" });
    await post(`${api.url}/trpc/predict`, { features }, { "x-request-id": "rpc" });
    const zeros = { traceparent: `00-${"0".repeat(32)}-${"0".repeat(16)}-01` };
    await send(`${api.url}/health/live`, { headers: { ...zeros, "x-request-id": "zeros" } });
    await send(`${api.url}/nope?key=hidden`, { headers: { "x-request-id": "lost" } });
    const linesOf = (id: string) => api.log.filter((line) => line["request_id"] === id);
    await eventually(() => linesOf("lost").length > 0, "the requests are logged");
    const line = {
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      level: "info",
      msg: "request",
      duration_ms: expect.any(Number),
    };
    const post200 = { ...line, method: "POST", status: 200, model: "iris-forest" };
    const one = { request_id: "one", trace_id: traceId, route: "/predict", rows: 1 };
    expect(linesOf("one")).toEqual([{ ...post200, ...one }]);
    expect(linesOf("zeros")).toEqual([
      expect.not.objectContaining({ trace_id: expect.anything() }),
    ]);
    const two = { request_id: "two", route: "/predict-batch", rows: 2 };
    expect(linesOf("two")).toEqual([{ ...post200, ...two }]);
    const bad = { request_id: "bad", method: "POST", route: "/predict", status: 422 };
    expect(linesOf("bad")).toEqual([{ ...line, ...bad }]);
    expect(linesOf("rpc")).toEqual([expect.objectContaining({ ...post200, rows: 1 })]);
    const lost = { request_id: "lost", method: "GET", route: "none", status: 404 };
    expect(linesOf("lost")).toEqual([{ ...line, ...lost }]);
    expect(JSON.stringify(api.log)).not.toMatch(/5\.0625|3\.515625|hidden/);
  });
});
