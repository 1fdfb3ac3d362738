import { expect, test } from "vitest";
import { eventually } from "./api-process.ts";
import { post, send } from "./json-request.ts";
import { setDefault, startFollowing, TELLING, writeVersionLike } from "./living-registry.ts";
import { copyOfModels, type TestRepository } from "./model-repository.ts";

// Versions are swapped under load; `pnpm loadtest swaps` does the same a thousand times.

const MODEL = "iris-forest";
const SWAPS = 30;

/** Enough rows for the lane of worker threads. */
const MANY = Array.from({ length: 1500 }, () => TELLING);

/** Ends the test where a request hangs. */
const LIMIT_MS = 10_000;

interface Answer {
  readonly proba: readonly number[];
}

/** Sends one request after the other until stopped; gives how many were answered, each as its version answers. */
async function client(path: string, url: string, stop: AbortSignal, known: Map<string, string>) {
  let answers = 0;
  while (!stop.aborted) {
    const single = path === "/predict";
    const body = { model_name: MODEL, ...(single ? { features: TELLING } : { rows: MANY }) };
    const response = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    const answer: Answer & { predictions?: Answer[]; model_version: string } = JSON.parse(text);
    const probas = (answer.predictions ?? [answer]).map(({ proba }) => JSON.stringify(proba));
    // Never two versions in one answer, never one's numbers under the other's name.
    expect([...new Set(probas)]).toEqual([known.get(answer.model_version)]);
    answers += 1;
  }
  return answers;
}

async function answersOf(url: string): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const model_version of ["1", "2"]) {
    const choice = { model_name: MODEL, model_version, features: TELLING };
    const { body } = await post(`${url}/predict`, choice);
    known.set(model_version, JSON.stringify(body.proba));
  }
  return known;
}

/** Waits until so many processes have loaded version 2. */
async function loadedIn(url: string, processes: number): Promise<void> {
  const loads = `model_loads_total{model="${MODEL}",version="2"} ${processes}\n`;
  const metrics = async () => (await send(`${url}/metrics`)).text;
  await eventually(async () => (await metrics()).includes(loads), "all processes are loaded");
}

async function versionOf(url: string): Promise<string> {
  const reply = await post(`${url}/predict`, { features: TELLING }, { connection: "close" });
  return reply.body.model_version;
}

async function twoVersions(repository: TestRepository): Promise<void> {
  await writeVersionLike(repository, { model: MODEL, version: "2", like: "iris-logistic" });
}

test.each([
  ["one process", { WORKERS: "1" }],
  ["two processes", { WORKERS: "2" }],
])("no request fails, hangs or mixes versions through swaps, in %s", async (_what, variables) => {
  await using repository = await copyOfModels();
  await twoVersions(repository);
  await using api = await startFollowing(repository, { INFERENCE_THREADS: "1", ...variables });
  await loadedIn(api.url, Number(variables.WORKERS));
  const known = await answersOf(api.url);
  const stop = new AbortController();
  const clients = ["/predict", "/predict", "/predict-batch"].map((path) =>
    client(path, api.url, stop.signal, known),
  );
  for (let swap = 1; swap <= SWAPS; swap += 1) {
    // In turns: another default, and other files under the same version.
    const version = swap % 2 === 0 ? "1" : "2";
    await writeVersionLike(repository, {
      model: "iris-mlp",
      version: "1",
      like: swap % 2 === 0 ? "iris-mlp" : "iris-logistic",
    });
    await setDefault(repository, MODEL, version);
    await eventually(async () => (await versionOf(api.url)) === version, `swap ${swap}`);
  }
  stop.abort();
  const answers = await Promise.all(clients);
  for (const count of answers) expect(count).toBeGreaterThan(SWAPS / 2);
  const { text } = await send(`${api.url}/metrics`);
  expect(text).not.toMatch(/^http_requests_total\{handler="\/predict.*status="[45]xx"/m);
});

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
