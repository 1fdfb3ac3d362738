import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { deployFolder, deployment, namedBy, readManifest, readManifests } from "./manifests.ts";

// Whether the files of deploy/kubernetes and deploy/kserve belong together.

const api = readManifest("kubernetes/base/deployment.yaml", deployment).spec;
const playground = readManifest("kubernetes/playground/deployment.yaml", deployment).spec;

test("every kustomization finds what it names", () => {
  const kustomizations = readManifests().filter(({ file }) => file.endsWith("/kustomization.yaml"));
  expect(kustomizations).toHaveLength(6);
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

const kubectl = spawnSync("kubectl", ["version", "--client"]).error === undefined;

describe.runIf(kubectl)("kustomize, where there is kubectl", () => {
  test.each([
    "kubernetes/overlays/dev",
    "kubernetes/overlays/production",
    "kserve/base",
    "kserve/canary",
  ])("builds %s", (folder) => {
    const options = { cwd: deployFolder, encoding: "utf8" } as const;
    const built = execFileSync("kubectl", ["kustomize", folder], options);
    expect(built).toContain("image: sepal-api:");
    // A transformer of labels writes over the peers of network policies too, without a word.
    if (built.includes("NetworkPolicy")) expect(built).toContain("name: redis\n");
  });
});
