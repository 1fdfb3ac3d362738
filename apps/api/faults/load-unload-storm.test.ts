import { expect } from "vitest";
import type { ApiProcess } from "../test/support/api-process.ts";
import { predict } from "../test/support/living-registry.ts";
import { copyModel, copyOfModels } from "../test/support/model-repository.ts";
import { fault } from "./frame/fault.ts";
import type { ServedRepository } from "../test/support/served-repository.ts";
import { resident } from "../test/support/process-resources.ts";
import { serveRepository } from "./frame/serve-repository.ts";
import { sized } from "../test/support/sized.ts";
import type { SourceChange } from "./frame/start-changed.ts";
import { underLoad } from "./frame/under-load.ts";

const KEY = "0123456789abcdef-admin";
const CLIENTS = 32;
const CALLS = sized(1000, 25);
const MODELS = ["one", "two", "three", "four"];
/**
 * What memory may grow by, in MiB: under a long storm it goes between 90 and 165 above that of a server that has just
 * started, as V8 lets its old space grow to four times what lives, and has no trend.
 */
const GROWTH_MIB = 200;

async function serve(changes: readonly SourceChange[] = []): Promise<ServedRepository> {
  const repository = await copyOfModels();
  for (const name of MODELS) await copyModel(repository, "iris-forest", name);
  return serveRepository(repository, { changes, variables: { ADMIN_KEYS: KEY } });
}

async function order(api: ApiProcess, model: string, action: "load" | "unload"): Promise<number> {
  const path = `${api.url}/v2/repository/models/${model}/${action}`;
  const reply = await fetch(path, { method: "POST", headers: { "x-api-key": KEY } });
  await reply.arrayBuffer();
  return reply.status;
}

/** Each client loads and unloads one model after the other; gives the statuses that came. */
async function storm(api: ApiProcess, calls: number): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>();
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let call = 0; call < calls; call += 1) {
      const model = MODELS[(client + (call >> 1)) % MODELS.length] ?? "";
      statuses.add(await order(api, model, (client + call) % 2 === 0 ? "unload" : "load"));
    }
  });
  await Promise.all(clients);
  return statuses;
}

fault("32 clients load and unload models at once", {
  promise:
    "Every call is carried out, predictions beside it are answered, memory grows by less than 200 MiB, and the last call of each model holds.",
  arrange: () => serve(),
  async check({ api }) {
    await storm(api, 4);
    const before = resident(api);
    using load = underLoad(api.url, 2, { patienceMs: 20_000 });
    expect([...(await storm(api, CALLS))], "statuses").toEqual([200]);
    const { refused, lost } = await load.stop();
    expect([refused, lost], "predictions beside it").toEqual([[], 0]);
    expect(resident(api) - before, "memory grew by this many MiB").toBeLessThan(GROWTH_MIB);
    for (const [index, model] of MODELS.entries()) {
      const action = index % 2 === 0 ? "load" : "unload";
      expect(await order(api, model, action)).toBe(200);
      const { model_used, detail } = await predict(api.url, { model_name: model });
      const unloaded = `model "${model}" is not ready: it is unloaded`;
      expect(model_used ?? detail, "the final state").toBe(action === "load" ? model : unloaded);
    }
  },
  twin: {
    lacks: "a server that keeps 4 MB of every version it unloads",
    arrange: () =>
      serve([
        {
          file: "src/served-model.ts",
          text: "this.#retired.resolve(this.#session.release());",
          by: "const kept = (globalThis.kept ??= []); if (kept.length < 150) kept.push(Buffer.alloc(4e6, 1)); this.#retired.resolve(this.#session.release());",
        },
      ]),
    fails: /memory grew by this many MiB/,
  },
});
