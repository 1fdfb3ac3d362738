import { fastify, type FastifyInstance } from "fastify";
import { trustedProxies } from "../rate-limit/client-address.ts";
import type { Settings } from "../settings/settings.ts";
import { requestId } from "./call-context.ts";
import { answerMalformed } from "./client-error.ts";
import { answerUnrouted } from "./error-handler.ts";
import { slowClientOptions } from "../settings/http-settings.ts";

/** As long as Node lets a whole head be: the names of 100 tRPC calls stand in one parameter. */
const MAX_PARAM_LENGTH = 16_384;

/** Opens the HTTP host within the limits of the settings; it has no hooks and no routes yet. */
export function openHost(settings: Settings): FastifyInstance {
  const host = fastify({
    bodyLimit: settings.MAX_BODY_BYTES,
    genReqId: requestId,
    trustProxy: trustedProxies(settings.TRUST_PROXY),
    requestTimeout: settings.REQUEST_TIMEOUT_MS,
    keepAliveTimeout: settings.KEEP_ALIVE_TIMEOUT_MS,
    // Node's own answer to a missing one has no body.
    http: { ...slowClientOptions(settings), requireHostHeader: false },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: answerUnrouted,
    clientErrorHandler: answerMalformed,
    forceCloseConnections: "idle",
    return503OnClosing: false,
  });
  return host;
}
