import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  deployFolder,
  deployment,
  namedBy,
  readManifest,
  readManifests,
} from "../support/manifests.ts";

// Whether the files of deploy/kubernetes and deploy/kserve belong together.

const api = readManifest("kubernetes/base/deployment.yaml", deployment).spec;
const playground = readManifest("kubernetes/playground/deployment.yaml", deployment).spec;

test("every kustomization finds what it names", () => {
  const kustomizations = readManifests().filter(({ file }) => file.endsWith("/kustomization.yaml"));
  expect(kustomizations).toHaveLength(8);
  for (const { file, value } of kustomizations) {
    for (const path of namedBy(file, value)) {
      expect(existsSync(join(deployFolder, path)), `${file}: ${path}`).toBe(true);
    }
  }
});

test("service, budget and network policy mean the pods of their Deployment", () => {
  const labels = z.record(z.string(), z.string());
  const selector = z.union([z.object({ matchLabels: labels }), labels]);
  const schema = z.object({ spec: z.record(z.string(), z.unknown()) });
  for (const [folder, pods] of [
    ["base", api],
    ["playground", playground],
  ] as const) {
    const meant = pods.selector?.matchLabels;
    expect(pods.template.metadata?.labels).toMatchObject(meant ?? {});
    const selecting = readManifests()
      .filter(({ file }) => file.startsWith(`kubernetes/${folder}/`))
      .filter(({ file }) => /(?:service|budget|policy)\.yaml$/.test(file));
    expect(selecting.length).toBeGreaterThanOrEqual(2);
    for (const { file, value } of selecting) {
      const { spec } = schema.parse(value);
      const found = selector.parse(spec["podSelector"] ?? spec["selector"]);
      expect("matchLabels" in found ? found.matchLabels : found, file).toEqual(meant);
    }
  }
});

const groups = z.array(z.looseObject({ name: z.string() }));

test("the operator gets the alert rules of Prometheus itself", () => {
  const file = "kubernetes/base/prometheus-rule.yaml";
  const { spec } = readManifest(file, z.object({ spec: z.object({ groups }) }));
  expect(spec.groups.length).toBeGreaterThan(1);
  expect(spec).toEqual(readManifest("prometheus/rules.yml", z.object({ groups })));
});

test("ServiceMonitor and Service mean the same port, and the job is called as the rules call it", () => {
  const labels = z.record(z.string(), z.string());
  const monitor = readManifest(
    "kubernetes/base/service-monitor.yaml",
    z.object({
      spec: z.object({
        jobLabel: z.string(),
        selector: z.object({ matchLabels: labels }),
        endpoints: z.array(z.object({ port: z.string() })),
      }),
    }),
  ).spec;
  const service = readManifest(
    "kubernetes/base/service.yaml",
    z.object({ spec: z.object({ ports: z.array(z.object({ name: z.string() })) }) }),
  ).spec;
  const named = service.ports.map(({ name }) => name);
  for (const { port } of monitor.endpoints) expect(named).toContain(port);
  const kustomization = readManifest(
    "kubernetes/base/kustomization.yaml",
    z.object({ labels: z.tuple([z.object({ pairs: labels })]) }),
  );
  const [{ pairs }] = kustomization.labels;
  expect(pairs).toMatchObject(monitor.selector.matchLabels);
  expect(pairs[monitor.jobLabel]).toBe("sepal");
});

const OUTSIDE = { redis: 6379, postgres: 5432, "opentelemetry-collector": 4318 };

test("the API may reach names, Redis, PostgreSQL and the collector of traces, and nothing else", () => {
  const peer = z.object({
    namespaceSelector: z.looseObject({}).optional(),
    podSelector: z.object({ matchLabels: z.record(z.string(), z.string()) }).optional(),
  });
  const rule = z.object({
    ports: z.array(z.object({ port: z.number(), protocol: z.string() })),
    to: z.tuple([peer]),
  });
  const { spec } = readManifest(
    "kubernetes/base/network-policy.yaml",
    z.object({ spec: z.object({ policyTypes: z.array(z.string()), egress: z.array(rule) }) }),
  );
  expect(spec.policyTypes).toContain("Egress");
  const reached = spec.egress.flatMap(({ ports, to: [{ podSelector }] }) => {
    const name = podSelector?.matchLabels["app.kubernetes.io/name"] ?? "names";
    return ports.map(({ port, protocol }) => `${name} ${port} ${protocol}`);
  });
  expect(reached).toEqual([
    "names 53 UDP",
    "names 53 TCP",
    ...Object.entries(OUTSIDE).map(([name, port]) => `${name} ${port} TCP`),
  ]);
});

const kubectl = spawnSync("kubectl", ["version", "--client"]).error === undefined;

describe.runIf(kubectl)("kustomize, where there is kubectl", () => {
  test.each([
    "kubernetes/overlays/dev",
    "kubernetes/overlays/production",
    "kubernetes/overlays/keda",
    "kserve/base",
    "kserve/canary",
    "kserve/standard",
  ])("builds %s", (folder) => {
    const options = { cwd: deployFolder, encoding: "utf8" } as const;
    const built = execFileSync("kubectl", ["kustomize", folder], options);
    expect(built).toContain("image: sepal-api:");
    // A transformer of labels writes over the peers of network policies too, without a word.
    if (built.includes("NetworkPolicy")) expect(built).toContain("name: redis\n");
    if (folder.endsWith("keda")) expect(built).not.toContain("kind: HorizontalPodAutoscaler");
    if (folder.includes("overlays")) {
      // With a namespace, and nothing of it lost on the way.
      const [namespace] = /^ {2}namespace: \S+$/m.exec(built) ?? [];
      const kinds = built.split("\n---\n").filter((one) => one.includes(`${namespace}\n`));
      for (const kind of ["ServiceMonitor", "PrometheusRule", "NetworkPolicy"]) {
        expect(
          kinds.some((one) => one.includes(`kind: ${kind}\n`)),
          kind,
        ).toBe(true);
      }
    }
  });
});
