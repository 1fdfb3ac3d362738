import * as z from "zod";

/** `detail` entry of a 422, as FastAPI clients know it. */
const detailEntry = z.object({
  type: z.string().meta({ description: "Name of the violated rule, such as `greater_than`." }),
  loc: z
    .array(z.union([z.string(), z.int()]))
    .meta({ description: "Location: `body`, then keys and indices." }),
  msg: z.string().meta({ description: "Message for people." }),
  input: z.unknown().meta({ description: "The value sent, cut at 200 characters." }),
});

const errorsCut = z.boolean().optional().meta({
  description: "True if validation stopped after 100 violations in a batch: there may be more.",
});

const validationError = (entry: z.ZodType) =>
  z
    .object({
      detail: z.array(entry).max(100).meta({ description: "The first 100 violations." }),
      errors_total: z.int().min(1).meta({ description: "Number of violations found." }),
      errors_cut: errorsCut,
      request_id: z.string(),
    })
    .meta({ id: "ValidationError" });

/** Body of a 422; without `input` where the server does not repeat it. */
export function validationErrorBody({ echoInput }: { echoInput: boolean }) {
  return validationError(echoInput ? detailEntry : detailEntry.omit({ input: true }));
}

/** Body of every other failure. */
export const errorBody = z
  .object({ detail: z.string(), request_id: z.string() })
  .meta({ id: "Error" });

/** Body of every failure with `Accept: application/problem+json` (RFC 9457). */
export const problemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    request_id: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string(), type: z.string() }))
      .max(100)
      .optional()
      .meta({ description: "Violations, with JSON Pointers (RFC 6901) into the body." }),
    errors_total: z.int().min(1).optional(),
    errors_cut: errorsCut,
  })
  .meta({ id: "Problem" });

/** Body of a failure on the Open Inference Protocol. */
export const oipErrorBody = z.object({ error: z.string() }).meta({ id: "InferenceError" });
