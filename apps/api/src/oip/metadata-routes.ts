import type { FastifyInstance, FastifyReply } from "fastify";
import { OPEN } from "../identity/guard-routes.ts";
import { readiness } from "../operations/health.ts";
import type { Services } from "../services.ts";
import { VERSION } from "../version.ts";

interface ModelParams {
  Params: { model_name: string; model_version?: string };
}

/** Sends JSON whose content type is exactly `application/json`: as bytes, because Fastify adds a charset to text. */
function sendOip(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(JSON.stringify(value)));
}

/** The read-only routes of the Open Inference Protocol: server and model metadata, live and ready. */
export function oipMetadataRoutes(app: FastifyInstance, services: Services): void {
  const { registry } = services;
  app.get("/v2", (_request, reply) =>
    sendOip(reply, { name: "sepal", version: VERSION, extensions: [] }),
  );
  app.get("/v2/health/live", OPEN, (_request, reply) => sendOip(reply, { live: true }));
  app.get("/v2/health/ready", OPEN, async (_request, reply) => {
    const ready = (await readiness(services)).status === "ready";
    return sendOip(reply.code(ready ? 200 : 503), { ready });
  });
  const metadata = ({ model_name, model_version }: ModelParams["Params"]) => {
    const model = registry.resolve(model_name, model_version);
    return {
      name: model.name,
      versions: [...registry.model(model.name).versions.keys()],
      platform: "onnxruntime_onnx",
      inputs: model.manifest.inputs,
      outputs: model.manifest.outputs,
    };
  };
  const ready = ({ model_name, model_version }: ModelParams["Params"]) => {
    const { name } = registry.resolve(model_name, model_version);
    return { name, ready: true };
  };
  for (const path of ["/v2/models/:model_name", "/v2/models/:model_name/versions/:model_version"]) {
    app.get<ModelParams>(path, (request, reply) => sendOip(reply, metadata(request.params)));
    app.get<ModelParams>(`${path}/ready`, (request, reply) =>
      sendOip(reply, ready(request.params)),
    );
  }
}
