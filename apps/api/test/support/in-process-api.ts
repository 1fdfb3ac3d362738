import { fileURLToPath } from "node:url";
import type { Endpoints } from "../../src/endpoints/endpoint.ts";
import { Lifecycle } from "../../src/lifecycle.ts";
import { openLog } from "../../src/observability/logger.ts";
import { modelServing } from "../../src/server/model-serving.ts";
import { TokenBuckets } from "../../src/rate-limit/token-buckets.ts";
import { createServer } from "../../src/server/create-app.ts";
import { parseSettings } from "../../src/settings/settings.ts";

const MODELS_DIR = fileURLToPath(new URL("../../../../models", import.meta.url));

/** The same server inside the test's own process, for tests that hold its clock, ask for its routes or add endpoints. */
export async function startInProcess(
  variables: Record<string, string> = {},
  furtherEndpoints: Endpoints = {},
) {
  const settings = parseSettings({
    MODELS_DIR,
    LOG_LEVEL: "silent",
    STATUS_MAX_AGE_MS: "0",
    ...variables,
  });
  const log = await openLog(settings);
  const models = modelServing(settings, log.logger);
  await models.loader.load();
  const { register, registry, observer, largeBatches } = models;
  const { app, routes } = await createServer({
    services: {
      settings,
      registry,
      repository: models.control,
      lifecycle: new Lifecycle(),
      observer,
    },
    log,
    register,
    metrics: () => register.metrics(),
    largeBatches,
    quotaStore: new TokenBuckets(),
    furtherEndpoints,
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    routes,
    registry,
    async [Symbol.asyncDispose]() {
      await app.close();
      await models.close();
    },
  };
}
