import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import * as z from "zod";

/** The folder `deploy/`. */
export const deployFolder = fileURLToPath(new URL("../../../../deploy", import.meta.url));

/** Every YAML document below `deploy/`; throws where one has an error or a warning, such as a key that stands twice. */
export function readManifests(): { readonly file: string; readonly value: unknown }[] {
  return readdirSync(deployFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const file = relative(deployFolder, path);
      return parseAllDocuments(readFileSync(path, "utf8"), { merge: true }).map((document) => {
        const [fault] = [...document.errors, ...document.warnings];
        if (fault !== undefined) throw new Error(`${file}: ${fault.message}`);
        return { file, value: document.toJS() };
      });
    });
}

const labels = z.record(z.string(), z.string());
const probe = z.object({
  httpGet: z.object({ path: z.string(), port: z.union([z.string(), z.number()]).optional() }),
});

/** What of a container is held against the code. */
export const container = z.object({
  name: z.string(),
  image: z.string().optional(),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).default([]),
  env: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
  startupProbe: probe.optional(),
  readinessProbe: probe.optional(),
  livenessProbe: probe.optional(),
  securityContext: z.looseObject({}).optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]),
});

const podSpec = z.object({
  terminationGracePeriodSeconds: z.number().optional(),
  securityContext: z.looseObject({}).optional(),
  containers: z.tuple([container]),
});

/** What of a Deployment, or of a patch of one, is held against the code. */
export const deployment = z.object({
  kind: z.literal("Deployment"),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    selector: z.object({ matchLabels: labels }).optional(),
    template: z.object({ metadata: z.object({ labels }).optional(), spec: podSpec }),
  }),
});

/** What of an InferenceService is held against the code. */
export const inferenceService = z.object({
  kind: z.literal("InferenceService"),
  spec: z.object({ predictor: z.object({ containers: z.tuple([container]) }) }),
});

/** A ClusterServingRuntime with the fields that Sepal's has, and no others. */
export const servingRuntime = z.strictObject({
  apiVersion: z.literal("serving.kserve.io/v1alpha1"),
  kind: z.literal("ClusterServingRuntime"),
  metadata: z.strictObject({ name: z.string() }),
  spec: z.strictObject({
    supportedModelFormats: z.tuple([
      z.strictObject({
        name: z.string(),
        version: z.string(),
        autoSelect: z.boolean(),
        priority: z.int().min(1),
      }),
    ]),
    protocolVersions: z.array(z.enum(["v1", "v2", "grpc-v2"])),
    annotations: labels,
    containers: z.tuple([container]),
    volumes: z.array(z.strictObject({ name: z.string(), emptyDir: z.looseObject({}) })),
  }),
});

/** An InferenceService that names a format instead of a container, with the fields that Sepal's has, and no others. */
export const modelService = z.strictObject({
  apiVersion: z.literal("serving.kserve.io/v1beta1"),
  kind: z.literal("InferenceService"),
  metadata: z.strictObject({ name: z.string(), annotations: labels }),
  spec: z.strictObject({
    predictor: z.strictObject({
      minReplicas: z.int().min(0),
      maxReplicas: z.int().min(1),
      scaleMetric: z.enum(["cpu", "memory", "concurrency", "rps"]),
      scaleTarget: z.int(),
      timeout: z.int(),
      terminationGracePeriodSeconds: z.int(),
      model: z.strictObject({
        modelFormat: z.strictObject({ name: z.string(), version: z.string() }),
        protocolVersion: z.string(),
        storageUri: z.string(),
      }),
    }),
  }),
});

/** What of a compose file is held against the code. */
export const composeFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      user: z.string(),
      read_only: z.literal(true),
      build: z.object({ dockerfile: z.string().default("Dockerfile") }).optional(),
      environment: labels.default({}),
      ports: z.array(z.string()).default([]),
      healthcheck: z.looseObject({}).optional(),
      stop_grace_period: z.string().optional(),
    }),
  ),
});

/** The one document of a file, checked; `file` is below `deploy/`. */
export function readManifest<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  const found = readManifests().filter((manifest) => manifest.file === file);
  if (found.length !== 1) throw new Error(`${file} has ${found.length} documents`);
  return schema.parse(found[0]?.value);
}

/** Environment of a container after the patches of an overlay, by name as kustomize merges it. */
export function environmentOf(
  ...layers: readonly z.output<typeof container>[]
): Record<string, string> {
  return Object.fromEntries(
    layers.flatMap(({ env }) => env.map(({ name, value }) => [name, value])),
  );
}

/** Files that a kustomization names, as paths below `deploy/`. */
export function namedBy(file: string, value: unknown): string[] {
  const { resources, patches } = z
    .object({
      resources: z.array(z.string()),
      patches: z.array(z.object({ path: z.string() })).default([]),
    })
    .parse(value);
  return [...resources, ...patches.map(({ path }) => path)].map((path) =>
    join(dirname(file), path),
  );
}
