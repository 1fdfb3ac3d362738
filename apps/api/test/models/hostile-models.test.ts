import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import {
  deepTree,
  harmless,
  loopsForever,
  readsFile,
  takesMemory,
} from "../support/hostile-onnx.ts";
import { post, send } from "../support/json-request.ts";
import { predict, startFollowing } from "../support/living-registry.ts";
import {
  copyModel,
  copyOfModels,
  emptyRepository,
  writeVersion,
} from "../support/model-repository.ts";
import type { TestRepository } from "../support/model-repository.ts";
import type { ServedRepository } from "../support/served-repository.ts";
import { served } from "../support/served-repository.ts";

/** Enough for a good version on a busy machine, and short enough to wait for. */
const PROBE = { MODELS_PROBE_TIMEOUT_MS: "6000", MODELS_PROBE_MEMORY_MB: "768" };

/** Hostile versions of `iris-mlp`, and what the server says of them. */
const HOSTILE: readonly (readonly [version: string, onnx: Uint8Array, reason: RegExp])[] = [
  [
    "reads-env",
    readsFile(".env"),
    /^tensor "leak" keeps its data outside the file, in "\.env": .*save_as_external_data=False\)$/,
  ],
  ["loops", loopsForever(), /^loading it in a process of its own failed: it took longer than 6 s$/],
  [
    "takes-memory",
    takesMemory(),
    /^loading it in a process of its own failed: it took more than \d+ MiB of memory$/,
  ],
  [
    "crashes",
    deepTree(30_000),
    /^loading it in a process of its own failed: the process ended by SIG(?:SEGV|BUS|ABRT|ILL)$/,
  ],
  ["garbage", Buffer.from("features,class\n"), /^it is not a protobuf message: /],
  ["cut-off", harmless().subarray(0, 100), /^it is not a protobuf message: the bytes end within /],
];

/** How long all of them may take on a busy machine. */
const DROPPED = 180_000;

const ADMIN = "the-key-of-an-admin-of-this-test";

async function drop(repository: TestRepository): Promise<void> {
  for (const [version, onnx] of HOSTILE) {
    await writeVersion(repository, { model: "iris-mlp", version, onnx });
  }
}

interface Version {
  readonly version: string;
  readonly state: string;
  readonly reason: string | null;
}

async function versionsOf(url: string): Promise<Version[]> {
  return (await send(`${url}/models/iris-mlp`)).body.versions;
}

/** Waits until every hostile version has been rejected, and checks the reasons. */
async function allRejected(url: string): Promise<void> {
  const done = async () => {
    const found = await versionsOf(url);
    return HOSTILE.every(([name]) =>
      found.some(({ version, state }) => version === name && state === "unavailable"),
    );
  };
  await eventually(done, "all hostile versions are rejected", DROPPED);
  const found = await versionsOf(url);
  for (const [name, , reason] of HOSTILE) {
    expect(found.find(({ version }) => version === name)?.reason, name).toMatch(reason);
  }
  expect(found.find(({ version }) => version === "1")).toMatchObject({ state: "ready" });
}

describe(
  "hostile versions dropped into the folder of a running server",
  { timeout: 2 * DROPPED },
  () => {
    let own: ServedRepository;
    let secret: TestRepository;
    beforeAll(async () => {
      const repository = await copyOfModels();
      secret = await emptyRepository();
      await writeFile(secret.file(".env"), "\nMODELS_POLL_MS=50\n");
      // In the folder whose `.env` a model would read.
      const variables = {
        MODELS_DIR: repository.path,
        MODELS_POLL_MS: "50",
        ADMIN_KEYS: `ops:${ADMIN}`,
        ...PROBE,
      };
      own = served(await startApi({ variables, cwd: secret.path }), repository);
    });
    afterAll(async () => {
      await own[Symbol.asyncDispose]();
      await secret[Symbol.asyncDispose]();
    });

    test("are rejected with the reason, while every other version serves without a pause", async () => {
      const { api, repository } = own;
      await drop(repository);
      let longest = 0;
      const rejected = new AbortController();
      const load = async () => {
        while (!rejected.signal.aborted) {
          const begun = performance.now();
          for (const model of ["iris-forest", "iris-mlp"]) {
            expect(await predict(api.url, { model_name: model })).toMatchObject({
              model_used: model,
              model_version: "1",
            });
          }
          longest = Math.max(longest, performance.now() - begun);
          await sleep(20);
        }
      };
      const loaded = load();
      await allRejected(api.url).finally(() => rejected.abort());
      await loaded;
      // A loop in this process would hold one of them for ever.
      expect(longest).toBeLessThan(60_000);
      const { text } = await send(`${api.url}/metrics`);
      expect(text).toContain('model_loads_total{model="iris-mlp",version="1"} 1\n');
      expect(text).not.toMatch(/model_loads_total\{model="iris-mlp",version="(?!1")/);
    });

    test("are rejected by the load route of admins, too, with every reason", async () => {
      const { api } = own;
      const path = `${api.url}/v2/repository/models/iris-mlp/load`;
      const { status, body } = await post(path, {}, { "x-api-key": ADMIN });
      expect(status).toBe(400);
      for (const [version] of HOSTILE) expect(body.error).toContain(`version ${version}: `);
      expect(body.error).toContain('keeps its data outside the file, in ".env"');
      expect(await predict(api.url, { model_name: "iris-mlp" })).toMatchObject({
        model_version: "1",
      });
    });
  },
);

test("a model that loops does not hold the shutdown", async () => {
  await using repository = await copyOfModels();
  await using api = await startFollowing(repository, { MODELS_PROBE_TIMEOUT_MS: "600000" });
  await writeVersion(repository, { model: "iris-mlp", version: "loops", onnx: loopsForever() });
  const seen = async () => (await versionsOf(api.url)).some(({ version }) => version === "loops");
  await eventually(seen, "the version is loading");
  api.child.kill("SIGTERM");
  expect(await api.ended()).toBe(0);
});

describe("what has passed", () => {
  test("is kept in DATA_DIR, and probed again only when its content changes", async () => {
    await using repository = await copyOfModels();
    await using data = await emptyRepository();
    const variables = { MODELS_DIR: repository.path, DATA_DIR: data.path };
    const lines = async () => (await readFile(data.file("probed-versions"), "utf8")).split("\n");
    {
      await using _first = await startApi({ variables });
      expect(await lines()).toHaveLength(3 + 1);
    }
    await writeVersion(repository, { model: "iris-mlp", version: "2", onnx: harmless() });
    {
      // With several processes as well, the primary keeps it.
      await using second = await startApi({ variables: { ...variables, WORKERS: "2" } });
      expect(await lines()).toHaveLength(3 + 1);
      const wrong = (await versionsOf(second.url)).find(({ version }) => version === "2");
      expect(wrong).toMatchObject({
        state: "unavailable",
        reason: expect.stringMatching(/^golden row 0 /),
      });
    }
    await copyModel(repository, "iris-forest", "another");
    await using _third = await startApi({ variables: { ...variables, WORKERS: "2" } });
    expect(await lines()).toHaveLength(4 + 1);
  });

  test("is not believed of files that were changed since", async () => {
    await using repository = await copyOfModels();
    await using data = await emptyRepository();
    const variables = { MODELS_DIR: repository.path, DATA_DIR: data.path };
    await (await startApi({ variables }))[Symbol.asyncDispose]();
    await writeFile(join(repository.path, "iris-mlp", "1", "model.onnx"), loopsForever());
    await using api = await startApi({ variables });
    expect((await versionsOf(api.url))[0]).toMatchObject({
      state: "unavailable",
      reason: expect.stringMatching(/^(?:checksum of )?model\.onnx /),
    });
  });
});
