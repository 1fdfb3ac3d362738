import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startApi } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";

const reference = readFileSync(
  fileURLToPath(new URL("../../../../docs/metrics.md", import.meta.url)),
  "utf8",
);

/** Type and labels of each metric in the reference. */
const documented = new Map(
  [...reference.matchAll(/^\| `(\w+)` +\| (\w+) +\| (.*?) +\|/gm)].map(
    ([, name = "", type, labels = ""]) => [
      name,
      { type, labels: [...labels.matchAll(/\w+/g)].map(String).toSorted() },
    ],
  ),
);

test("the metrics of a server with everything switched on are those of the reference", async () => {
  const variables = {
    WORKERS: "2",
    CACHE_SIZE: "10",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
  };
  await using api = await startApi({ variables });
  const features = [5.1, 3.5, 1.4, 0.2];
  await post(`${api.url}/predict`, { features });
  // Enough rows for the drift gauge; the second execution is sampled again only after a pause.
  const rows = Array.from({ length: 400 }, () => features);
  for (let call = 0; call < 2; call += 1) {
    await post(`${api.url}/predict-batch`, { rows, batch_size: 1 });
  }
  const { text } = await send(`${api.url}/metrics`);
  const types = new Map(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = "", type]) => [name, type]),
  );
  expect([...types.keys()].toSorted()).toEqual([...documented.keys()].toSorted());
  const seen = new Map<string, string[]>();
  for (const [, sample = "", pairs = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const name = types.has(sample) ? sample : sample.replace(/_(?:bucket|sum|count)$/, "");
    const labels = [...pairs.matchAll(/(\w+)="/g)].map(([, label]) => String(label));
    seen.set(name, labels.filter((label) => label !== "le").toSorted());
  }
  for (const [name, labels] of seen) {
    expect({ name, type: types.get(name), labels }).toEqual({ name, ...documented.get(name) });
  }
});
