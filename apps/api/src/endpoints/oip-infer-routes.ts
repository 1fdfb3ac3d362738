import type { RequestLimits } from "@sepal/schema/limits";
import type { FastifyInstance } from "fastify";
import { ANY_BODY } from "../http/route-rules.ts";
import type { LargeBatchLane } from "../batch-workers/large-batch-lane.ts";
import { createInfer } from "../operations/infer/infer.ts";
import { readHeaderLength } from "../operations/infer/infer-request.ts";
import { sendInfer } from "./send-infer.ts";

interface InferParams {
  Params: { model_name: string; model_version?: string };
}

/** `POST …/infer`: inference with tensors as JSON or as bytes; large ones go to a worker thread. */
export function oipInferRoutes(
  app: FastifyInstance,
  limits: RequestLimits,
  lane: LargeBatchLane | undefined,
): void {
  const infer = createInfer(limits);
  for (const path of [
    "/v2/models/:model_name/infer",
    "/v2/models/:model_name/versions/:model_version/infer",
  ]) {
    const config = { body: ANY_BODY, maxBytes: Infinity, sheds: true };
    app.post<InferParams>(path, { config }, async (request, reply) => {
      const { model_name: model, model_version: version } = request.params;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const header = request.headers["inference-header-content-length"];
      const headerLength = readHeaderLength(header, body.length);
      const answer =
        lane?.takes(request) === true
          ? await lane.infer(request, reply, { model, version, headerLength })
          : await infer({ model, version, body, headerLength }, request.call);
      return sendInfer(request, reply, answer);
    });
  }
}
