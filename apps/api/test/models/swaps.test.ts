import { expect, test } from "vitest";
import { eventually } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import {
  setDefault,
  startFollowing,
  TELLING,
  writeVersionLike,
} from "../support/living-registry.ts";
import { copyOfModels, type TestRepository } from "../support/model-repository.ts";

// Versions are swapped under load; `pnpm loadtest swaps` does the same a thousand times.

const MODEL = "iris-forest";
/** Keeps its version, whose files change: each swap of it ends a session. */
const CHANGING = "iris-mlp";

/** Enough rows for the lane of worker threads. */
const MANY = Array.from({ length: 1500 }, () => TELLING);

/** Single rows, a batch on a worker thread, and one on the main thread in executions that a swap comes between. */
const LOADS = [
  { features: TELLING },
  { features: TELLING },
  { rows: MANY },
  { model_name: CHANGING, rows: MANY.slice(0, 200), batch_size: 1 },
  { model_name: CHANGING, features: TELLING },
];

/** Ends the test where a request hangs. */
const LIMIT_MS = 30_000;

interface Answer {
  readonly proba: readonly number[];
}

interface Reply extends Answer {
  readonly predictions?: readonly Answer[];
  readonly model_used: string;
  readonly model_version: string;
}

/** The answers that a version of a model gives, before and after its files change. */
type Known = ReadonlyMap<string, readonly string[]>;

/** Sends one request after the other until stopped, and checks each response by the version that it names. */
async function client(
  load: object,
  {
    url,
    stop,
    known,
    onResponse,
  }: { url: string; stop: AbortSignal; known: Known; onResponse: () => void },
): Promise<void> {
  const path = "features" in load ? "/predict" : "/predict-batch";
  const body = { model_name: MODEL, ...load };
  while (!stop.aborted) {
    const response = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const answer: Reply = JSON.parse(text);
    const probas = (answer.predictions ?? [answer]).map(({ proba }) => JSON.stringify(proba));
    // Never two versions in one answer, never one's numbers under the other's name.
    expect(new Set(probas).size).toBe(1);
    expect(known.get(`${answer.model_used} ${answer.model_version}`)).toContain(probas[0]);
    onResponse();
  }
}

async function answersOf(url: string): Promise<Known> {
  const ask = async (model_name: string, model_version: string) => {
    const choice = { model_name, model_version, features: TELLING };
    return JSON.stringify((await post(`${url}/predict`, choice)).body.proba);
  };
  const [forest, logistic] = [await ask(MODEL, "1"), await ask(MODEL, "2")];
  return new Map([
    [`${MODEL} 1`, [forest]],
    [`${MODEL} 2`, [logistic]],
    [`${CHANGING} 1`, [await ask(CHANGING, "1"), forest, logistic]],
  ]);
}

/** Waits until so many processes have loaded version 2. */
async function loadedIn(url: string, processes: number): Promise<void> {
  const loads = `model_loads_total{model="${MODEL}",version="2"} ${processes}\n`;
  const metrics = async () => (await send(`${url}/metrics`)).text;
  await eventually(async () => (await metrics()).includes(loads), "all processes are loaded");
}

async function loadsOf(url: string, model: string): Promise<number> {
  const { text } = await send(`${url}/metrics`);
  return Number(
    new RegExp(`^model_loads_total{model="${model}",version="1"} (\\d+)$`, "m").exec(text)?.[1],
  );
}

async function versionOf(url: string): Promise<string> {
  const reply = await post(`${url}/predict`, { features: TELLING }, { connection: "close" });
  return reply.body.model_version;
}

async function twoVersions(repository: TestRepository): Promise<void> {
  await writeVersionLike(repository, { model: MODEL, version: "2", like: "iris-logistic" });
}

test.each([
  ["one process", 30, { WORKERS: "1" }],
  ["two processes", 10, { WORKERS: "2" }],
])(
  "no request fails, hangs or mixes versions through swaps, in %s",
  async (_what, swaps, variables) => {
    await using repository = await copyOfModels();
    await twoVersions(repository);
    await using api = await startFollowing(repository, { INFERENCE_THREADS: "1", ...variables });
    await loadedIn(api.url, Number(variables.WORKERS));
    const known = await answersOf(api.url);
    const stop = new AbortController();
    const responses = LOADS.map(() => 0);
    const clients = LOADS.map((load, index) =>
      client(load, {
        url: api.url,
        stop: stop.signal,
        known,
        onResponse: () => (responses[index] = (responses[index] ?? 0) + 1),
      }),
    );
    for (let swap = 1; swap <= swaps; swap += 1) {
      // In turns: another default, and other files under the same version.
      const version = swap % 2 === 0 ? "1" : "2";
      await writeVersionLike(repository, {
        model: CHANGING,
        version: "1",
        like: swap % 2 === 0 ? MODEL : "iris-logistic",
      });
      await setDefault(repository, MODEL, version);
      await eventually(async () => (await versionOf(api.url)) === version, `swap ${swap}`);
    }
    await Promise.race([
      eventually(() => responses.every((count) => count > 1), "every client has two responses"),
      ...clients,
    ]);
    stop.abort();
    await Promise.all(clients);
    expect(await loadsOf(api.url, CHANGING)).toBeGreaterThan(swaps / 3);
    const { text } = await send(`${api.url}/metrics`);
    expect(text).not.toMatch(/^http_requests_total\{handler="\/predict.*status="[45]xx"/m);
  },
);

test("a batch on a worker thread after a swap is answered by the new version", async () => {
  await using repository = await copyOfModels();
  await twoVersions(repository);
  await using api = await startFollowing(repository, { INFERENCE_THREADS: "2" });
  const batch = async () =>
    (await post(`${api.url}/predict-batch`, { rows: MANY })).body.model_version;
  expect(await batch()).toBe("1");
  for (const version of ["2", "1", "2", "1"]) {
    await setDefault(repository, MODEL, version);
    await eventually(async () => (await versionOf(api.url)) === version, `version ${version}`);
    expect(await batch()).toBe(version);
  }
});
