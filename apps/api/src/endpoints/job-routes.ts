import type { JobRef } from "@sepal/schema/job";
import type { FastifyInstance } from "fastify";
import { cancelJob, getJob, jobResult } from "../operations/jobs.ts";
import { asJson } from "../http/json.ts";

const MEDIA_TYPES = { csv: "text/csv; charset=utf-8", ndjson: "application/x-ndjson" } as const;

interface JobParams {
  Params: JobRef;
}

/** How far a job is, its result, and its end before time. */
export function jobRoutes(app: FastifyInstance): void {
  app.get<JobParams>("/jobs/:job_id", async (request, reply) =>
    asJson(reply, await getJob.run(request.params, request.call)),
  );
  app.delete<JobParams>("/jobs/:job_id", async (request, reply) =>
    asJson(reply, await cancelJob.run(request.params, request.call)),
  );
  app.get<JobParams>("/jobs/:job_id/result", async (request, reply) => {
    const { bytes, stream, record } = await jobResult(request.params, request.call);
    const { id, format } = record;
    return reply
      .headers({
        "content-type": MEDIA_TYPES[format],
        "content-length": bytes,
        "content-disposition": `attachment; filename="${id}.${format}"`,
      })
      .send(stream);
  });
}
