import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance } from "fastify";
import { OPEN } from "../http/route-rules.ts";
import { readiness } from "../operations/health.ts";
import type { Services } from "../context.ts";
import { VERSION } from "../version.ts";
import { sendOip } from "./send-oip.ts";

interface ModelParams {
  Params: { model_name: string; model_version?: string };
}

/** The read-only routes of the Open Inference Protocol: server and model metadata, live and ready. */
export function oipMetadataRoutes(app: FastifyInstance, services: Services, admins: boolean): void {
  const { registry } = services;
  // The extension takes its three routes, of which two are for admins.
  const repository = admins ? ["model_repository", "model_repository(unload_dependents)"] : [];
  const extensions = ["binary_tensor_data", ...repository];
  const server = { name: "sepal", version: VERSION, extensions };
  // With the slash as the protocol's OpenAPI document has it, without as its text has it.
  for (const path of ["/v2", "/v2/"]) app.get(path, (_request, reply) => sendOip(reply, server));
  app.get("/v2/health/live", OPEN, (_request, reply) => sendOip(reply, { live: true }));
  app.get("/v2/health/ready", OPEN, async (_request, reply) => {
    const ready = (await readiness(services)).status === "ready";
    // The text of the protocol says `live`, its clients read `ready`.
    return sendOip(reply.code(ready ? 200 : 503), { live: true, ready });
  });
  const metadata = ({ model_name, model_version }: ModelParams["Params"]) => {
    const model = registry.resolve(model_name, model_version);
    return {
      name: model.name,
      versions: [...registry.model(model.name).versions.keys()],
      platform: "onnx_onnxv1",
      inputs: model.manifest.inputs,
      outputs: model.manifest.outputs,
    };
  };
  /** An unknown model fails; one that does not serve is not ready, and says why. */
  const unready = ({ model_name, model_version }: ModelParams["Params"]) => {
    try {
      registry.resolve(model_name, model_version);
      return undefined;
    } catch (error) {
      if (error instanceof SepalError && error.code === "unavailable") return error;
      throw error;
    }
  };
  for (const path of ["/v2/models/:model_name", "/v2/models/:model_name/versions/:model_version"]) {
    app.get<ModelParams>(path, (request, reply) => sendOip(reply, metadata(request.params)));
    app.get<ModelParams>(`${path}/ready`, ({ params }, reply) => {
      const name = params.model_name;
      const failure = unready(params);
      if (failure === undefined) return sendOip(reply, { name, ready: true });
      const { status, headers, message } = failure;
      return sendOip(reply.code(status).headers(headers), { name, ready: false, error: message });
    });
  }
}
