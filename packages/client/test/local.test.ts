import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readFile } from "node:fs/promises";
import { startApi, type ApiProcess } from "../../../apps/api/test/support/api-process.ts";
import {
  copyOfModels,
  edit,
  writeVersion,
} from "../../../apps/api/test/support/model-repository.ts";
import { createClient } from "../src/index.ts";
import { toFailure } from "../src/failure.ts";

type Features = [number, number, number, number];

const FEATURES: Features = [6, 2.7, 5.1, 1.6];

/** Reaches a server until it is cut off, and counts what of a model has been fetched. */
function line() {
  let down: (() => Response) | undefined;
  const fetched: string[] = [];
  const through: typeof fetch = async (input, init) => {
    if (down !== undefined) return down();
    const response = await fetch(input, init);
    const { pathname } = new URL(response.url);
    if (/evaluator$|^\/contracts\//.test(pathname)) fetched.push(`${pathname} ${response.status}`);
    return response;
  };
  return {
    fetch: through,
    fetched,
    cut: () => {
      down = () => {
        throw new TypeError("fetch failed");
      };
    },
    fill: () => {
      down = () => new Response("{}", { status: 503, headers: { "retry-after": "0" } });
    },
    restore: () => {
      down = undefined;
    },
  };
}

function clientOf(api: ApiProcess, through: ReturnType<typeof line>) {
  const { url } = api;
  return createClient({ url, local: "when-unavailable", fetch: through.fetch, retries: 1 });
}

describe("while the server is away", () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test("predictions are computed here with the server's bits", async () => {
    const through = line();
    const client = clientOf(api, through);
    const golden = JSON.parse(
      await readFile(new URL("../../../models/iris-forest/1/golden.json", import.meta.url), "utf8"),
    );
    const rows: Features[] = golden.groups.flatMap(({ features }: { features: Features[] }) =>
      features.slice(0, 50),
    );
    // What is computed later is of other rows than what was predicted first.
    await client.predictBatch.mutate({ rows: rows.slice(1, 3) });
    await client.iris.predict.mutate({ features: [5.1, 3.5, 1.4, 0.2] });
    const online = await client.predictBatch.mutate({ rows });
    expect(online.computed_by).toBe("server");
    const single = await client.iris.predict.mutate({ features: FEATURES });
    await expect.poll(() => through.fetched.length).toBe(4);
    for (const stop of [through.cut, through.fill]) {
      stop();
      const { processing_time_ms: _, ...batch } = await client.predictBatch.mutate({ rows });
      const { processing_time_ms: __, ...expected } = online;
      expect(batch).toEqual({ ...expected, computed_by: "client" });
      const one = await client.iris.predict.mutate({ features: FEATURES });
      expect({ ...one, processing_time_ms: 0 }).toEqual({
        ...single,
        processing_time_ms: 0,
        computed_by: "client",
      });
    }
    through.restore();
    expect(await client.predict.mutate({ features: FEATURES })).toMatchObject({
      computed_by: "server",
    });
  });

  test("bad input breaks the rules it breaks there", async () => {
    const through = line();
    const client = clientOf(api, through);
    const features: Features = [-1, 2.7, 5.1, 1e39];
    await client.predict.mutate({ features: FEATURES });
    await expect.poll(() => through.fetched.length).toBe(2);
    const online = toFailure(await client.predict.mutate({ features }).catch((error) => error));
    through.cut();
    const offline = toFailure(await client.predict.mutate({ features }).catch((error) => error));
    const { kind, status, detail, errorsTotal, message } = online;
    expect(offline).toMatchObject({ kind, status, detail, errorsTotal, message });
    expect(detail).toHaveLength(2);
  });

  test("a model that is not published, or that nobody has asked for, fails as without this option", async () => {
    const through = line();
    const client = clientOf(api, through);
    const request = { features: FEATURES, model_name: "iris-mlp" };
    await client.predict.mutate(request);
    await expect.poll(() => through.fetched).toEqual(["/models/iris-mlp/versions/1/evaluator 404"]);
    through.cut();
    for (const call of [request, { features: FEATURES }]) {
      const failure = toFailure(await client.predict.mutate(call).catch((error) => error));
      expect(failure.kind).toBe("unreachable");
    }
  });
});

test("the model is fetched again when another version predicts", async () => {
  await using models = await copyOfModels();
  const variables = { MODELS_DIR: models.path, MODELS_POLL_MS: "50", PUBLISH_MODELS: "all" };
  await using api = await startApi({ variables });
  const through = line();
  const client = clientOf(api, through);
  const predict = () => client.predict.mutate({ features: FEATURES });
  expect((await predict()).model_version).toBe("1");
  await writeVersion(models, { model: "iris-forest", version: "2" });
  await edit(models.file("iris-forest", "model.json"), (file) => ({
    ...file,
    default_version: "2",
  }));
  await expect.poll(async () => (await predict()).model_version).toBe("2");
  await expect
    .poll(() => through.fetched)
    .toContain("/models/iris-forest/versions/2/evaluator 200");
  await expect
    .poll(() => through.fetched.filter((path) => path.startsWith("/contracts")))
    .toHaveLength(2);
  through.cut();
  expect(await predict()).toMatchObject({ model_version: "2", computed_by: "client" });
});

test("a contract that changed beside the same model is fetched again", async () => {
  await using api = await startApi();
  const through = line();
  let name = "";
  const client = createClient({
    url: api.url,
    local: "when-unavailable",
    retries: 0,
    async fetch(input, init) {
      const response = await through.fetch(input, init);
      if (name === "" || !response.url.endsWith("/contracts/iris")) return response;
      return new Response((await response.text()).replaceAll("versicolor", name));
    },
  });
  const predict = () => client.predict.mutate({ features: FEATURES });
  await predict();
  await expect.poll(() => through.fetched).toHaveLength(2);
  name = "colourful";
  const now = performance.now();
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now + 120_000);
  await predict();
  await expect.poll(() => through.fetched).toHaveLength(4);
  clock.mockRestore();
  expect(through.fetched[2]).toMatch(/evaluator 304$/);
  through.cut();
  await expect.poll(async () => (await predict()).label).toBe(name);
});
