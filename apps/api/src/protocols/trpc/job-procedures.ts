import { jobWatch, type Job, type JobWatch } from "@sepal/schema/job";
import { tracked, type TrackedEnvelope } from "@trpc/server";
import { toSepalError } from "../../errors/to-sepal-error.ts";
import { cancelJob, getJob } from "../../operations/jobs.ts";
import type { CallContext } from "../../context.ts";
import { watchJob } from "../../operations/watch-job.ts";
import { asTrpcError, procedure } from "./init.ts";

const rest = { tags: ["jobs"], protect: false, errorResponses: {} };

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
export function jobProcedures() {
  return {
    get: procedure
      .meta({
        operation: getJob,
        openapi: {
          method: "GET",
          path: "/jobs/{job_id}",
          summary: "How far a job is",
          ...rest,
        },
      })
      .input(getJob.input)
      .output(getJob.output)
      .query(({ input, ctx }) => getJob.run(input, ctx)),
    cancel: procedure
      .meta({
        operation: cancelJob,
        openapi: {
          method: "DELETE",
          path: "/jobs/{job_id}",
          summary: "Cancel a job",
          description: "Its files are removed at once. Nothing changes for a job that has ended.",
          ...rest,
        },
      })
      .input(cancelJob.input)
      .output(cancelJob.output)
      .mutation(({ input, ctx }) => cancelJob.run(input, ctx)),
    watch: procedure
      .input(jobWatch)
      .subscription(({ input, ctx, signal }) => watchEvents(input, ctx, signal)),
  };
}
