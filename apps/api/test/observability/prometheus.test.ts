import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { freePort } from "../support/free-port.ts";

// What a real Prometheus and its tool make of /metrics, the alert rules and the dashboard.

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const rules = `${root}deploy/prometheus/rules.yml`;
const dashboard = `${root}deploy/grafana/dashboards/sepal.json`;

/** Debian's package `prometheus` has both programs; without them these tests cannot run. */
const installed = ["promtool", "prometheus"].every(
  (program) => spawnSync(program, ["--version"]).error === undefined,
);

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { WORKERS: "2" } });
  await post(`${api.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] });
  await post(`${api.url}/predict`, { features: [] });
  // The training data itself, for equal rows would be drift.
  const { body } = await send(`${api.url}/models/iris-forest/background`);
  const rows = Array.from({ length: 7 }, () => body.rows)
    .flat()
    .slice(0, 1000);
  await post(`${api.url}/predict-batch`, { rows });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Names of Sepal's metrics in PromQL, without what a histogram adds to them. */
function metricNames(promql: string): string[] {
  const names = promql.match(/\b(?:http|inference|model|input|nodejs|process|worker)_[a-z_]+\b/g);
  return [...new Set(names)].map((name) => name.replace(/_bucket$/, ""));
}

describe("the rules and the dashboard", () => {
  test.each([
    ["rules", rules],
    ["dashboard", dashboard],
  ])("the %s ask only for metrics that there are", async (_name, file) => {
    const { text } = await send(`${api.url}/metrics`);
    const asked = metricNames(readFileSync(file, "utf8"));
    expect(asked.length).toBeGreaterThan(3);
    for (const name of asked) expect(text).toContain(`# TYPE ${name} `);
  });

  test("each alert has a runbook", () => {
    const text = readFileSync(rules, "utf8");
    const pages = [...text.matchAll(/runbook: (\S+)/g)].map(([, page]) => page);
    expect(pages).toHaveLength(text.match(/- alert:/g)?.length ?? 0);
    for (const page of pages) expect(existsSync(`${root}${page}`), page).toBe(true);
  });
});

describe.runIf(installed)("Prometheus", () => {
  test("promtool finds no fault in the metrics", async () => {
    const { text } = await send(`${api.url}/metrics`);
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text });
    expect(`${String(stdout)}${String(stderr)}`).toBe("");
    expect(status).toBe(0);
  });

  test("promtool finds no fault in the rules, and each alert fires when it should", () => {
    const options = { cwd: root, encoding: "utf8" } as const;
    expect(execFileSync("promtool", ["check", "rules", rules], options)).toContain("SUCCESS");
    const tests = `${root}deploy/prometheus/rules.test.yml`;
    expect(execFileSync("promtool", ["test", "rules", tests], options)).toContain("SUCCESS");
  });

  test("a real one scrapes the server and evaluates the rules", async () => {
    const folder = mkdtempSync(`${tmpdir()}/sepal-prometheus-`);
    const port = await freePort();
    const target = new URL(api.url).host;
    const scrape = {
      job_name: "sepal",
      scrape_interval: "1s",
      static_configs: [{ targets: [target] }],
    };
    // JSON is YAML.
    writeFileSync(
      `${folder}/prometheus.yml`,
      JSON.stringify({
        global: { evaluation_interval: "1s" },
        rule_files: [rules],
        scrape_configs: [scrape],
      }),
    );
    const prometheus = spawn(
      "prometheus",
      [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: "ignore" },
    );
    const ask = async (query: string): Promise<unknown[]> => {
      const address = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
      const reply = await fetch(address).catch(() => undefined);
      if (reply?.ok !== true) return [];
      const answer: { data: { result: unknown[] } } = JSON.parse(await reply.text());
      return answer.data.result;
    };
    try {
      const seen = (query: string) => eventually(async () => (await ask(query)).length > 0, query);
      await seen('up{job="sepal"} == 1');
      await seen('sum(http_requests_total{handler="/predict",status="2xx"}) >= 1');
      await seen('sum(inference_rows_total{model="iris-forest",lane="worker"}) == 1000');
      await seen("sepal:request_errors:ratio_rate5m == 0");
      expect(await ask("ALERTS")).toEqual([]);
    } finally {
      const ended = once(prometheus, "close");
      prometheus.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
