import * as z from "zod";
import { modelState } from "./model-card.ts";

const faults = z
  .array(
    z.object({
      setting: z.string().meta({ description: "Such as `API_KEYS_FILE`." }),
      reason: z.string(),
    }),
  )
  .optional()
  .meta({
    description:
      "Key and user files that cannot be read and issuers whose keys cannot be fetched, and whether their previous content still applies; absent while there are none.",
  });

/** Response of `GET /health`: 200 while the default model is ready, else 503. */
export const health = z
  .object({
    status: z.enum(["ok", "unavailable"]),
    model_loaded: z.boolean(),
    reason: z.string().nullable(),
    default_model: z.string().nullable().meta({ description: "`null` while there is none." }),
    models: z.record(z.string(), modelState),
    version: z.string().meta({ description: "Version of the server." }),
    uptime_s: z.number(),
    faults,
    contract_faults: z
      .array(z.object({ contract: z.string(), reason: z.string() }))
      .optional()
      .meta({
        description: "Mounted contract files that cannot be served; absent while there are none.",
      }),
  })
  .meta({ id: "Health" });

/** See {@link health}. */
export type Health = z.infer<typeof health>;

/** Response of `GET /health/live`. */
export const live = z.object({ status: z.literal("live") }).meta({ id: "Live" });

/** Response of `GET /health/ready`: 200 while the default and the required models are ready, else 503. */
export const readiness = z
  .object({
    status: z.enum(["ready", "not_ready"]),
    reason: z.string().nullable(),
    degraded: z
      .array(z.object({ model_name: z.string(), model_version: z.string(), reason: z.string() }))
      .meta({ description: "Model versions that are not ready, and why." }),
    faults,
  })
  .meta({ id: "Readiness" });

/** See {@link readiness}. */
export type Readiness = z.infer<typeof readiness>;
