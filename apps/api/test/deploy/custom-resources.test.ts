import { ScaledObject } from "@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject";
import { PrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { ServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { readManifest, readManifests } from "../support/manifests.ts";

// Resources of operators, validated by the schemas of their CRDs as these packages have them compiled.

const KINDS = { ScaledObject, PrometheusRule, ServiceMonitor } as const;

const isKind = (kind: string): kind is keyof typeof KINDS => Object.hasOwn(KINDS, kind);

const resource = z.looseObject({ kind: z.string() });

/** The resources of these kinds. */
const resources = readManifests().flatMap(({ file, value }) => {
  const { data } = resource.safeParse(value);
  return data !== undefined && isKind(data.kind) ? [{ file, kind: data.kind, value: data }] : [];
});

/** A value that notes which of its fields are read: a schema reads those that it knows. */
function noting(value: unknown, path: string, read: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== "string" || !Object.hasOwn(target, key)) return found;
      read.add(`${path}/${key}`);
      return noting(found, `${path}/${key}`, read);
    },
  });
}

/** Paths of all fields of a value. */
function fieldsOf(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    [`${path}/${key}`].concat(fieldsOf(inner, `${path}/${key}`)),
  );
}

/** What a schema does not know of a resource; throws where the resource breaks it. */
function unknownFields(kind: keyof typeof KINDS, value: object): string[] {
  const read = new Set<string>();
  // On the value itself: an instance would be a copy, for which every field is read.
  // oxlint-disable-next-line typescript/unbound-method -- bound in this call
  Reflect.apply(KINDS[kind].prototype.validate, noting(value, "", read), []);
  return fieldsOf(value).filter((field) => !read.has(field));
}

/** The ScaledObject with another `spec`. */
function scaledObject(change: Readonly<Record<string, unknown>>): object {
  const found = resources.find(({ kind }) => kind === "ScaledObject");
  const { spec, ...rest } = z.looseObject({ spec: z.looseObject({}) }).parse(found?.value);
  return { ...rest, spec: { ...spec, ...change } };
}

test("there are resources of every kind", () => {
  expect(new Set(resources.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
});

describe.each(resources)("$file", ({ kind, value }) => {
  test("is what its CRD says, without unknown fields", () => {
    expect(unknownFields(kind, value)).toEqual([]);
  });
});

test.each([
  ["a field of another type", { minReplicaCount: "three" }],
  ["a missing field", { triggers: undefined }],
])("%s is found", (_name, change) => {
  expect(() => unknownFields("ScaledObject", scaledObject(change))).toThrow("data/spec");
});

test("an unknown field is found", () => {
  const value = scaledObject({ minReplicas: 3 });
  expect(unknownFields("ScaledObject", value)).toEqual(["/spec/minReplicas"]);
});

test("KEDA scales the Deployment of production, by metrics of the server, instead of its autoscaler", () => {
  const { spec } = readManifest(
    "kubernetes/overlays/keda/scaled-object.yaml",
    z.object({
      spec: z.object({
        scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
        minReplicaCount: z.number(),
        maxReplicaCount: z.number(),
        triggers: z.array(
          z.object({ type: z.string(), metadata: z.record(z.string(), z.string()) }),
        ),
      }),
    }),
  );
  const autoscaler = readManifest(
    "kubernetes/overlays/production/autoscaler.yaml",
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ minReplicas: z.number(), maxReplicas: z.number() }),
    }),
  );
  expect(spec.scaleTargetRef).toMatchObject({ kind: "Deployment", name: "sepal-api" });
  expect([spec.minReplicaCount, spec.maxReplicaCount]).toEqual([
    autoscaler.spec.minReplicas,
    autoscaler.spec.maxReplicas,
  ]);
  const removed = readManifest(
    "kubernetes/overlays/keda/no-autoscaler.yaml",
    z.object({ metadata: z.object({ name: z.string() }), $patch: z.literal("delete") }),
  );
  expect(removed.metadata.name).toBe(autoscaler.metadata.name);
  const query = spec.triggers.find(({ type }) => type === "prometheus")?.metadata["query"];
  expect(query).toContain('inference_queue_duration_seconds_sum{namespace="sepal",lane="single"}');
});
