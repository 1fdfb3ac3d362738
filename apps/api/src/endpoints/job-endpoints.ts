import { defaultContract } from "@sepal/schema/contracts/index";
import { jobRef, jobWatch, type Job, type JobRef, type JobWatch } from "@sepal/schema/job";
import { tracked, type TrackedEnvelope } from "@trpc/server";
import * as z from "zod";
import type { CallContext } from "../context.ts";
import { toSepalError } from "../errors/failures.ts";
import { resultType } from "../files/file-type.ts";
import { cancelJob, getJob, jobResult, watchJob } from "../operations/jobs.ts";
import { asTrpcError, procedure } from "../protocols/trpc/init.ts";
import { bytes, json, STRAY_BODY_ERRORS } from "./endpoint.ts";
import { JOB } from "./examples.ts";
import { scoredContent } from "./file-endpoints.ts";

const tag = "jobs";

/** A watched job as tRPC's events, each with the id from which a client that lost the connection goes on. */
async function* watchEvents(
  input: JobWatch,
  context: CallContext,
  signal: AbortSignal | undefined,
): AsyncGenerator<TrackedEnvelope<Job>, void, void> {
  try {
    for await (const { id, job } of watchJob(input, context, signal)) yield tracked(id, job);
  } catch (error) {
    throw asTrpcError(toSepalError(error));
  }
}

/** What is done with a job once it exists, whichever contract it belongs to. */
export function jobEndpoints() {
  return {
    get: json({
      operation: getJob,
      rest: { method: "GET", path: "/jobs/:job_id" },
      trpc: "query",
      tag,
      summary: "Get the status of a job",
      description: "Its status, the rows done so far, and its start and end times.",
      errors: ["not_found"],
      example: () => ({ response: JOB }),
    }),
    cancel: json({
      operation: cancelJob,
      rest: { method: "DELETE", path: "/jobs/:job_id" },
      trpc: "mutation",
      tag,
      summary: "Cancel a job",
      description: "Its files are removed at once. A job that has ended is left as it is.",
      errors: [...STRAY_BODY_ERRORS, "not_found"],
      example: () => ({ response: JOB }),
    }),
    watch: procedure
      .input(jobWatch)
      .subscription(({ input, ctx, signal }) => watchEvents(input, ctx, signal)),
    result: bytes({
      rest: { method: "GET", path: "/jobs/:job_id/result" },
      async handler({ params, call }, reply) {
        const ref: JobRef = Object(params);
        const { bytes, stream, record } = await jobResult(ref, call);
        const { id, format, charset } = record;
        return reply
          .headers({
            "content-type": resultType({ format, charset }),
            "content-length": bytes,
            "content-disposition": `attachment; filename="${id}.${format}"`,
          })
          .send(stream);
      },
      tag,
      summary: "Download the result of a job; 409 until it has succeeded",
      description: "The uploaded file, with result columns added to each row.",
      errors: ["not_found", "conflict"],
      document: (predictions) => ({
        requestParams: { path: z.object(jobRef.shape) },
        responses: {
          200: {
            description: "The file with its predictions, in the format of the request",
            content: scoredContent(defaultContract, predictions),
          },
        },
      }),
    }),
  };
}
