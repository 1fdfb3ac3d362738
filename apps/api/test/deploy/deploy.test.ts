import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { parseSettings, settingsSchema } from "../../src/settings/settings.ts";
import type { ApiProcess } from "../support/api-process.ts";
import { post } from "../support/json-request.ts";
import {
  composeFile,
  deployFolder,
  deployment,
  environmentOf,
  inferenceService,
  modelService,
  readManifest,
  servingRuntime,
} from "../support/manifests.ts";
import { sharedApi } from "../support/shared-api.ts";

// What deploy/ says is held against the code and the images; schemas of Kubernetes and compose are not at hand here.

const read = (path: string) => readFileSync(join(deployFolder, path), "utf8");
const api = readManifest("kubernetes/base/deployment.yaml", deployment).spec;
const playground = readManifest("kubernetes/playground/deployment.yaml", deployment).spec;
const kserve = readManifest("kserve/base/inference-service.yaml", inferenceService);
const runtime = readManifest("kserve/standard/serving-runtime.yaml", servingRuntime).spec;
const modelled = readManifest("kserve/standard/inference-service.yaml", modelService);
const [serving] = runtime.containers;
const { services } = readManifest("compose.yaml", composeFile);
const patch = (overlay: string) =>
  readManifest(`kubernetes/overlays/${overlay}/api.yaml`, deployment).spec.template.spec;
const [container] = api.template.spec.containers;
const [predictor] = kserve.spec.predictor.containers;
const [page] = playground.template.spec.containers;

/** Seconds that the images need after SIGTERM at most, on top of what the settings say. */
const SPARE_SECONDS = 2;

const SETTINGS_OF_THE_API = [
  ["base", environmentOf(container)],
  ["dev", environmentOf(container, ...patch("dev").containers)],
  ["production", environmentOf(container, ...patch("production").containers)],
  ["KServe", environmentOf(predictor)],
  ["the runtime of KServe", environmentOf(serving)],
  ["compose", services["api"]?.environment ?? {}],
] as const;

test.each(SETTINGS_OF_THE_API)("%s: the settings exist and are valid", (_name, environment) => {
  const { NODE_ENV: _mode, ...settings } = environment;
  for (const name of Object.keys(settings)) expect(settingsSchema.shape).toHaveProperty(name);
  expect(parseSettings(environment).HOST).toBe("0.0.0.0");
});

test("names of the playground and of .env.example are documented settings", () => {
  const documented = readFileSync(join(deployFolder, "../docs/settings.md"), "utf8");
  const example = [...read(".env.example").matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name);
  const ofOthers = new Set(["GRAFANA_ADMIN_PASSWORD", "POSTGRES_PASSWORD"]);
  const names = [
    ...Object.keys(environmentOf(page)),
    ...Object.keys(services["playground"]?.environment ?? {}),
    ...example.filter((name) => !ofOthers.has(name)),
  ];
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(documented).toContain(`| \`${name}\``);
});

describe("the grace times", () => {
  test.each([
    ["base", container, api.template.spec.terminationGracePeriodSeconds],
    ["dev", patch("dev").containers[0], patch("dev").terminationGracePeriodSeconds],
  ] as const)(
    "%s: the pod may live as long as the server needs",
    (_name, patched, seconds = 30) => {
      const settings = parseSettings(environmentOf(container, patched));
      const needed = (settings.READINESS_GRACE_MS + settings.SHUTDOWN_GRACE_MS) / 1000;
      expect(seconds).toBeGreaterThanOrEqual(needed + SPARE_SECONDS);
    },
  );

  test("a pod is out of rotation before the server stops to serve", () => {
    const { READINESS_GRACE_MS } = parseSettings(environmentOf(container));
    expect(READINESS_GRACE_MS).toBeGreaterThanOrEqual(5000);
  });

  test("compose waits as long", () => {
    const settings = parseSettings(services["api"]?.environment ?? {});
    const needed = (settings.READINESS_GRACE_MS + settings.SHUTDOWN_GRACE_MS) / 1000;
    expect(Number.parseInt(services["api"]?.stop_grace_period ?? "0", 10)).toBeGreaterThanOrEqual(
      needed + SPARE_SECONDS,
    );
  });
});

test("in KServe's standard mode the format onnx chooses Sepal, and it serves what is mounted", () => {
  const { annotations } = modelled.metadata;
  expect(annotations["serving.kserve.io/deploymentMode"]).toBe("Standard");
  const { model, terminationGracePeriodSeconds } = modelled.spec.predictor;
  const [format] = runtime.supportedModelFormats;
  expect(format).toMatchObject({ ...model.modelFormat, autoSelect: true });
  // Triton's runtime of KServe selects itself for this format with 1.
  expect(format.priority).toBeGreaterThan(1);
  expect(runtime.protocolVersions).toContain(model.protocolVersion);
  const settings = parseSettings(environmentOf(serving));
  expect(settings.MODELS_DIR).toBe("/mnt/models");
  expect(runtime.annotations["prometheus.kserve.io/port"]).toBe(String(settings.PORT));
  const needed = (settings.READINESS_GRACE_MS + settings.SHUTDOWN_GRACE_MS) / 1000;
  expect(terminationGracePeriodSeconds).toBeGreaterThanOrEqual(needed + SPARE_SECONDS);
});

describe("the images", () => {
  const dockerfiles = [
    ["../Dockerfile", "api", api.template.spec.securityContext],
    ["playground.Dockerfile", "playground", playground.template.spec.securityContext],
  ] as const;

  test.each(dockerfiles)("%s: user, port and health check agree", (file, service, context) => {
    const text = read(file);
    const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(text) ?? [];
    expect(context).toMatchObject({
      runAsNonRoot: true,
      runAsUser: Number(uid),
      runAsGroup: Number(gid),
    });
    expect(services[service]?.user).toBe(`${uid}:${gid}`);
    const port = /^EXPOSE (\d+)$/m.exec(text)?.[1];
    expect(services[service]?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(text).toContain("HEALTHCHECK");
  });

  test("containers listen on the port that their settings say, and write nowhere but on volumes", () => {
    const settings = parseSettings(environmentOf(container));
    expect(container.ports).toEqual([{ name: "http", containerPort: settings.PORT }]);
    expect(predictor.ports[0]?.containerPort).toBe(settings.PORT);
    expect(serving.ports[0]?.containerPort).toBe(settings.PORT);
    for (const { securityContext, volumeMounts } of [container, predictor, serving]) {
      expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true });
      expect(volumeMounts.map(({ mountPath }) => mountPath)).toContain(settings.DATA_DIR);
    }
  });

  test("every image is named by its exact version, and Node's is the one of this workspace", () => {
    const bases = dockerfiles.flatMap(([file]) => [...read(file).matchAll(/^FROM (\S+)/gm)]);
    expect(bases.length).toBeGreaterThan(3);
    for (const [, base = ""] of bases) expect(base).toMatch(`node:${process.versions.node}-`);
    const { image: workspace } = z
      .object({ image: z.string() })
      .parse(JSON.parse(read("../.devcontainer/devcontainer.json")));
    expect(workspace).toMatch(`node:${process.versions.node}-`);
    const inWorkflow = read("../.github/workflows/ci.yml").matchAll(/node-version: (\S+)/g);
    expect(new Set([...inWorkflow].map(([, version]) => version))).toEqual(
      new Set([process.versions.node]),
    );
    const images = [...Object.values(services), container, page, predictor, serving].map(
      ({ image }) => image,
    );
    expect(images.length).toBeGreaterThan(8);
    // Of PostgreSQL two numbers are the whole version; a digest may follow.
    const exact =
      /^(?:[\w./-]+:v?\d+\.\d+\.\d+|postgres:\d+\.\d+)(?:-[a-z]+)?(?:@sha256:[\da-f]{64})?$/;
    for (const image of images) expect(image).toMatch(exact);
  });

  test("the API's says what it is, and of which base", () => {
    const text = read("../Dockerfile");
    const label = (name: string) =>
      new RegExp(`org\\.opencontainers\\.image\\.${name}="([^"]*)"`).exec(text)?.[1];
    for (const name of ["title", "description", "licenses", "version", "revision", "source"]) {
      expect(label(name), name).toBeDefined();
    }
    const [, base = ""] = /^FROM (\S+) AS api$/m.exec(text) ?? [];
    expect(label("base\\.name")).toBe(`docker.io/library/${base}`);
  });

  test("dependency updates pin digests of images", () => {
    const { extends: presets } = z
      .object({ extends: z.array(z.string()) })
      .parse(JSON.parse(read("../renovate.json")));
    expect(presets).toContain("docker:pinDigests");
  });

  test.each(dockerfiles)("%s: an init handles signals until the server does", (file) => {
    expect(read(file)).toMatch(/^ENTRYPOINT \["sh", "init\.sh"\]$/m);
    expect(read(file)).toContain("COPY deploy/init.sh ./");
    expect(read("../.dockerignore")).toContain("!deploy/init.sh");
  });

  test("compose runs no image as root and has a health check for each", () => {
    for (const [name, { user, healthcheck, build }] of Object.entries(services)) {
      expect(user, name).toMatch(/^[1-9]\d*:\d+$/);
      // Built images bring their health check.
      expect(healthcheck !== undefined || build !== undefined, name).toBe(true);
    }
  });

  test("compose starts with generated passwords only", async () => {
    expect(read("compose.yaml")).toContain("${GRAFANA_ADMIN_PASSWORD:?");
    const folder = await mkdtemp(join(tmpdir(), "sepal-deploy-"));
    await cp(join(deployFolder, ".env.example"), join(folder, "deploy/.env.example"));
    const [command = ""] = /^\(umask .*$/m.exec(read("README.md")) ?? [];
    execFileSync("sh", ["-c", command], { cwd: folder });
    const written = await readFile(join(folder, "deploy/.env"), "utf8");
    const passwords = ["GRAFANA_ADMIN", "POSTGRES"].map(
      (name) => new RegExp(`^${name}_PASSWORD=([\\da-f]{48})$`, "m").exec(written)?.[1],
    );
    expect(new Set([undefined, ...passwords]).size).toBe(3);
    expect((await stat(join(folder, "deploy/.env"))).mode & 0o777).toBe(0o600);
    await rm(folder, { recursive: true });
  });
});

describe("a server", () => {
  let server: ApiProcess;
  beforeAll(async () => {
    server = await sharedApi();
  });

  test("answers every probe and what is scraped", async () => {
    const probed = [container, predictor].flatMap((each) =>
      [each.startupProbe, each.readinessProbe, each.livenessProbe].flatMap(
        (probe) => probe?.httpGet.path ?? [],
      ),
    );
    expect(probed).toHaveLength(5);
    const { spec } = readManifest(
      "kubernetes/base/service-monitor.yaml",
      z.object({ spec: z.object({ endpoints: z.array(z.object({ path: z.string() })) }) }),
    );
    const scraped = spec.endpoints.map(({ path }) => path);
    for (const path of [...probed, ...scraped]) {
      const { status } = await fetch(server.url + path);
      expect(status, path).toBe(200);
    }
  });

  test("has the metric that the autoscaler's is made of", async () => {
    const adapter = read("kubernetes/prometheus-adapter.yaml");
    const served = /as: (\w+)/.exec(adapter)?.[1] ?? "";
    expect(read("kubernetes/base/horizontal-pod-autoscaler.yaml")).toContain(`name: ${served}\n`);
    // A histogram with labels shows itself with its first observation.
    await post(`${server.url}/predict`, { features: [5.1, 3.5, 1.4, 0.2] });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const made = new Set(adapter.match(/inference_\w+_(?:sum|count)/g));
    expect(made.size).toBe(2);
    for (const name of made) expect(metrics).toContain(`${name}{`);
  });
});
