import { probe } from "@sepal/model/repository/canary";
import type { ServedModel } from "@sepal/model/served-model";
import type { ModelEntry, ModelRegistry } from "@sepal/model/repository/registry";
import {
  health,
  readiness as readinessSchema,
  type Health,
  type Readiness,
} from "@sepal/schema/health";
import { SepalError } from "@sepal/schema/sepal-error";
import * as z from "zod";
import { sharedResult } from "../shared-result.ts";
import type { CallContext, Services } from "../context.ts";
import { VERSION } from "../version.ts";
import type { Operation } from "./operation.ts";

const canaries = new WeakMap<ServedModel, () => Promise<void>>();

/** Sends a model its canary, once for all who ask within a time. */
function sharedProbe(model: ServedModel, maxAgeMs: number): Promise<void> {
  const shared = canaries.get(model) ?? sharedResult(() => probe(model), maxAgeMs);
  canaries.set(model, shared);
  return shared();
}

/** Why a model fails its canary right now, or `null` when it passes. */
async function fault({ registry, settings }: Services, name: string): Promise<string | null> {
  try {
    await sharedProbe(registry.resolve(name), settings.STATUS_MAX_AGE_MS);
    return null;
  } catch (error) {
    // A full queue is a model at work.
    if (error instanceof SepalError && error.reason === "queue_full") return null;
    return error instanceof Error ? error.message : String(error);
  }
}

function faultyVersions(model: ModelEntry, registry: ModelRegistry) {
  // It may be one that does not exist.
  const standard = registry.defaultVersion(model);
  const versions = new Map(model.versions).set(standard.version, standard);
  return [...versions.values()]
    .filter((version) => version.state === "unavailable")
    .map(({ version, reason }) => ({
      model_name: model.name,
      model_version: version,
      reason: reason ?? "",
    }));
}

/** Files of keys or users and issuers that cannot be used: readiness does not depend on them, since replicas share them. */
function identityFaults({ identityFaults }: Services) {
  const faults = identityFaults?.() ?? [];
  return faults.length === 0 ? {} : { faults: [...faults] };
}

/** Files of contracts that are none, or not the ones that serve. */
function contractFaults({ contracts }: ModelRegistry) {
  if (contracts.faults.size === 0) return {};
  return {
    contract_faults: [...contracts.faults].map(([contract, reason]) => ({ contract, reason })),
  };
}

/** Whether the server should get requests: the default and the required models pass their canary. */
export async function readiness(services: Services): Promise<Readiness> {
  return { ...(await modelReadiness(services)), ...identityFaults(services) };
}

async function modelReadiness(services: Services): Promise<Readiness> {
  const { registry, settings, lifecycle } = services;
  const degraded = registry.models().flatMap((model) => faultyVersions(model, registry));
  if (lifecycle.draining) {
    return { status: "not_ready", reason: "the server is shutting down", degraded };
  }
  if (registry.undecided !== null) {
    return { status: "not_ready", reason: registry.undecided, degraded };
  }
  const standard = registry.defaultModel === null ? [] : [registry.defaultModel];
  const required = new Set([...standard, ...settings.REQUIRED_MODELS]);
  for (const name of required) {
    const reason = await fault(services, name);
    if (reason !== null) return { status: "not_ready", reason, degraded };
  }
  if (lifecycle.starting) {
    return { status: "not_ready", reason: "the server is warming up", degraded };
  }
  return { status: "ready", reason: null, degraded };
}

/** Whether the default model serves predictions, and the state of all. */
export const getHealth = {
  input: z.strictObject({}).optional(),
  output: health,
  async run(_input: object | undefined, { services }: CallContext) {
    const { registry, lifecycle } = services;
    const { defaultModel } = registry;
    const reason = defaultModel === null ? registry.undecided : await fault(services, defaultModel);
    const states = registry
      .models()
      .map((model) => [model.name, registry.defaultVersion(model).state] as const);
    return {
      status: reason === null ? "ok" : "unavailable",
      model_loaded: reason === null && defaultModel !== null,
      reason,
      default_model: defaultModel,
      models: Object.fromEntries(states),
      version: VERSION,
      uptime_s: lifecycle.uptimeSeconds,
      ...identityFaults(services),
      ...contractFaults(registry),
    };
  },
} satisfies Operation<object | undefined, Health>;

/** See {@link readiness}. */
export const getReadiness = {
  input: z.strictObject({}).optional(),
  output: readinessSchema,
  run: (_input: object | undefined, { services }: CallContext) => readiness(services),
} satisfies Operation<object | undefined, Readiness>;
