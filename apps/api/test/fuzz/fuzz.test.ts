import { cp } from "node:fs/promises";
import { Agent } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addTo } from "../support/added-models.ts";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { readCase } from "../support/exported-case.ts";
import { copyWorkspace, type WorkspaceCopy } from "../support/workspace-copy.ts";
import { judge } from "./judge.ts";
import { requests, type FuzzRequest } from "./requests.ts";
import { sendFuzz } from "./send.ts";
import { fuzzTargets, type FuzzTarget } from "./targets.ts";

// Requests to everything that the document and the router name, contracts that are mounted among them; `pnpm fuzz` sends
// many more of them.

/** Requests at once, so that they meet each other in the server. */
const TOGETHER = 10;

const total = Number(process.env["FUZZ_REQUESTS"] ?? 1500);
const seed = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Exported models with kinds of tables that the compiled contracts have not: booleans, and labels alone. */
const MOUNTED = ["titanic_pipeline", "labels_alone"];

async function mount(name: string): Promise<void> {
  const { model, table, args } = await readCase(folder("../fixtures/exported/"), name);
  const { code, text } = await addTo(
    workspace,
    model,
    "--data",
    table,
    "--contract-name",
    name,
    ...args,
  );
  if (code !== 0) throw new Error(text);
}

let workspace: WorkspaceCopy;
let api: ApiProcess;
let targets: readonly FuzzTarget[];
const agent = new Agent({ keepAlive: true, maxSockets: TOGETHER });
beforeAll(async () => {
  workspace = await copyWorkspace();
  await cp(folder("../../../../models"), workspace.file("models"), { recursive: true });
  await Promise.all(MOUNTED.map(mount));
  const { path } = workspace;
  api = await startApi({
    variables: {
      DATA_DIR: join(path, "data"),
      MODELS_DIR: join(path, "models"),
      MAX_BODY_BYTES: "200000",
      MAX_BATCH_ROWS: "5000",
    },
  });
  targets = await fuzzTargets(api.url, MOUNTED);
});
afterAll(async () => {
  agent.destroy();
  await api[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

test(
  "no request brings down the server, hangs, or gets an answer that the document does not know",
  { timeout: 400_000 + total * 100 },
  async () => {
    const seen: Record<string, number> = {};
    const succeeded = new Set<FuzzTarget>();
    const count = (request: FuzzRequest, status: number) => {
      seen[status] = (seen[status] ?? 0) + 1;
      if (status < 300) succeeded.add(request.target);
    };
    const property = fc.asyncProperty(
      fc.array(requests(targets), { minLength: TOGETHER, maxLength: TOGETHER, size: "max" }),
      async (batch) => {
        const replies = await Promise.all(
          batch.map(async (request) => ({
            request,
            reply: await sendFuzz(api.url, request, agent),
          })),
        );
        for (const { request, reply } of replies) {
          count(request, reply.status);
          judge(request, reply);
        }
      },
    );
    // oxlint-disable-next-line eslint/no-console -- the seed repeats the run
    console.info(`${total} requests to ${targets.length} targets, seed ${seed}`);
    await fc.assert(property, {
      seed,
      numRuns: Math.ceil(total / TOGETHER),
      endOnFailure: true,
      // The requests of a failing run together are longer than anybody reads.
      asyncReporter: async ({ failed, counterexamplePath, errorInstance }) => {
        if (failed)
          throw new Error(`seed ${seed}, path ${counterexamplePath}: ${String(errorInstance)}`);
      },
    });
    // oxlint-disable-next-line eslint/no-console -- what the run was worth
    console.info(JSON.stringify(seen));
    // Without good requests among them it would only test how they are refused.
    expect(seen["200"] ?? 0).toBeGreaterThan(total / 10);
    expect(succeeded.size).toBeGreaterThan(targets.length / 2);
    expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
    expect(api.log.filter(({ level }) => level === "error")).toEqual([]);
  },
);
