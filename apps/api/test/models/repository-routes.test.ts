import { truncate } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";
import { answersBy, predict, setDefault, writeVersionLike } from "../support/living-registry.ts";
import { copyModel, copyOfModels, type TestRepository } from "../support/model-repository.ts";
import { childrenOf } from "../support/process-tree.ts";

// The model repository extension, point by point; its order is that of Triton's published text.

const KEY = "0123456789abcdef-admin";

let repository: TestRepository;
let api: ApiProcess;
beforeAll(async () => {
  repository = await copyOfModels();
  for (const name of ["spare", "worse", "changed", "pair"]) {
    await copyModel(repository, "iris-logistic", name);
  }
  // The disk is looked at by the routes alone.
  const variables = { MODELS_DIR: repository.path, MODELS_POLL_MS: "0", ADMIN_KEYS: KEY };
  api = await startApi({ variables });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await repository[Symbol.asyncDispose]();
});

function call(path: string, body?: string, headers: Record<string, string> = {}, { url } = api) {
  const init = { method: "POST", headers: { "x-api-key": KEY, ...headers } };
  return send(`${url}/v2/repository/${path}`, body === undefined ? init : { ...init, body });
}

async function indexed(name: string, body = "") {
  const { body: entries } = await call("index", body);
  return entries.filter((entry: { name: string }) => entry.name === name);
}

describe("index", () => {
  test.each([undefined, "", "{}", '{"ready":false}', '{"client":"x"}'])(
    "with the body %j lists every version of every model",
    async (body) => {
      const { status, headers, body: entries } = await call("index", body);
      expect([status, headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(entries).toContainEqual({
        name: "iris-mlp",
        version: "1",
        state: "READY",
        reason: "",
      });
    },
  );

  test.each(["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"])(
    "takes the content type %s",
    async (type) => {
      expect((await call("index", "{}", { "content-type": type })).status).toBe(200);
    },
  );

  test.each([
    ["{", /^the body is not JSON/],
    ["[]", /Input should be|expected/i],
    ['{"ready":"yes"}', /^body\.ready: /],
  ])("refuses the body %s with 400 and one string", async (body, error) => {
    const reply = await call("index", body);
    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({ error: expect.stringMatching(error) });
    expect(reply.headers.get("content-type")).toBe("application/json");
  });

  test("needs no key where none is configured", async () => {
    const reply = await send(`${api.url}/v2/repository/index`, { method: "POST" });
    expect(reply.status).toBe(200);
  });
});

describe("unload and load", () => {
  test("take a model out of service, and back", async () => {
    const out = await call("models/spare/unload");
    expect([out.status, out.text]).toEqual([200, ""]);
    const entry = { name: "spare", version: "1", state: "UNAVAILABLE", reason: "it is unloaded" };
    expect(await indexed("spare")).toEqual([entry]);
    expect(await indexed("spare", '{"ready":true}')).toEqual([]);
    const refused = await predict(api.url, { model_name: "spare" });
    expect(refused.detail).toBe('model "spare" is not ready: it is unloaded');
    const ready = await send(`${api.url}/v2/models/spare/ready`);
    expect([ready.status, ready.body.ready]).toEqual([503, false]);
    expect((await call("models/spare/unload")).status).toBe(200);
    const back = await call("models/spare/load");
    expect([back.status, back.text]).toEqual([200, ""]);
    expect(await indexed("spare")).toMatchObject([{ state: "READY", reason: "" }]);
    expect((await predict(api.url, { model_name: "spare" })).model_used).toBe("spare");
    const { text } = await send(`${api.url}/metrics`);
    expect(text).toContain('model_loads_total{model="spare",version="1"} 2\n');
    expect(text).toContain('model_ready{model="spare",version="1"} 1\n');
  });

  test("take the bodies that Triton's clients send", async () => {
    const parameters = { unload_dependents: false };
    const body = JSON.stringify({ parameters });
    expect((await call("models/spare/unload", body)).status).toBe(200);
    expect((await call("models/spare/load", "{}")).status).toBe(200);
    // Loaded already and unchanged: nothing is to be done.
    expect((await call("models/spare/load", "")).status).toBe(200);
  });

  test.each(["config", "file:1/model.onnx"])(
    "load refuses the parameter %s, for the files are the truth",
    async (name) => {
      const reply = await call(
        "models/spare/load",
        JSON.stringify({ parameters: { [name]: "e30=" } }),
      );
      expect(reply.status).toBe(400);
      expect(reply.body.error).toContain(`parameter "${name}" is not supported`);
    },
  );

  test.each(["load", "unload"])("%s of a model that does not exist is 404", async (action) => {
    const reply = await call(`models/rose/${action}`);
    expect(reply.status).toBe(404);
    expect(reply.body).toEqual({ error: expect.stringContaining('there is no model "rose"') });
  });

  test("load brings a new model and a changed default into service", async () => {
    await copyModel(repository, "iris-mlp", "newcomer");
    expect(await indexed("newcomer")).toEqual([]);
    expect((await call("models/newcomer/load")).status).toBe(200);
    await answersBy(api.url, "newcomer", "1");
    await writeVersionLike(repository, { model: "changed", version: "2", like: "iris-mlp" });
    await setDefault(repository, "changed", "2");
    expect((await predict(api.url, { model_name: "changed" })).model_version).toBe("1");
    expect((await call("models/changed/load")).status).toBe(200);
    expect((await predict(api.url, { model_name: "changed" })).model_version).toBe("2");
  });

  test("load of a bad file is 400 with the reason, and what served goes on", async () => {
    await truncate(repository.file("worse", "1", "model.onnx"), 100);
    const reply = await call("models/worse/load");
    expect(reply.status).toBe(400);
    expect(reply.body.error).toMatch(/^failed to load "worse": .*checksum of model\.onnx is /);
    expect((await predict(api.url, { model_name: "worse" })).model_version).toBe("1");
  });
});

test("server metadata names the extension", async () => {
  const { extensions } = (await send(`${api.url}/v2`)).body;
  expect(extensions).toContain("model_repository");
  expect(extensions).toContain("model_repository(unload_dependents)");
});

test.each(["load", "unload"])("%s asks for an admin key", async (action) => {
  const path = `${api.url}/v2/repository/models/spare/${action}`;
  const reply = await send(path, { method: "POST" });
  expect(reply.status).toBe(401);
  expect(reply.body).toEqual({ error: expect.any(String) });
});

test("without ADMIN_KEYS there is no load and no unload, and the extension is not named", async () => {
  await using plain = await startApi();
  for (const action of ["load", "unload"]) {
    const path = `${plain.url}/v2/repository/models/iris-mlp/${action}`;
    const reply = await fetch(path, { method: "POST" });
    expect([reply.status, await reply.json()]).toEqual([404, { error: "there is no such route" }]);
  }
  expect((await call("index", "", {}, plain)).status).toBe(200);
  expect((await send(`${plain.url}/v2`)).body.extensions).not.toContain("model_repository");
});

test("unload wins until a change on disk or a load, in every process and in one that starts later", async () => {
  await using own = await copyOfModels();
  const variables = { MODELS_DIR: own.path, MODELS_POLL_MS: "50", ADMIN_KEYS: KEY, WORKERS: "2" };
  await using many = await startApi({ variables });
  const line = (value: number) => `model_loads_total{model="iris-mlp",version="1"} ${value}\n`;
  const metrics = async () => (await send(`${many.url}/metrics`)).text;
  await eventually(async () => (await metrics()).includes(line(2)), "both have loaded");
  const statuses = async () => {
    const init = { method: "POST", headers: { connection: "close" } };
    const seen = new Set<string>();
    for (let request = 0; request < 8; request += 1) {
      const { body } = await send(`${many.url}/v2/repository/index`, init);
      for (const entry of body) if (entry.name === "iris-mlp") seen.add(entry.state);
    }
    return [...seen];
  };
  expect((await call("models/iris-mlp/unload", "", {}, many)).status).toBe(200);
  expect(await statuses()).toEqual(["UNAVAILABLE"]);
  const [victim = 0] = childrenOf(many.child.pid ?? 0);
  const listening = () => many.log.filter(({ msg }) => msg === "listening").length;
  process.kill(victim, "SIGKILL");
  await eventually(() => listening() === 3, "another process takes the place");
  expect(await statuses()).toEqual(["UNAVAILABLE"]);
  expect((await call("models/iris-mlp/load", "", {}, many)).status).toBe(200);
  expect(await statuses()).toEqual(["READY"]);
  expect((await call("models/iris-mlp/unload", "", {}, many)).status).toBe(200);
  await writeVersionLike(own, { model: "iris-mlp", version: "1", like: "iris-logistic" });
  await eventually(async () => (await statuses()).join() === "READY", "the change is followed");
});
