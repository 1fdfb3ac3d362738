import { createServer, type RequestListener, type Server } from "node:http";
import { Readable } from "node:stream";
import { fastify, type FastifyInstance } from "fastify";
import { slowClientOptions } from "../settings/http-settings.ts";
import type { Settings } from "../settings/settings.ts";
import { compress } from "./compression.ts";
import { sendMalformed } from "./error-handler.ts";
import { exchangeOf, type ResponseHead } from "./exchange.ts";
import type { Host } from "./host.ts";
import { ANY_BODY } from "./route-table.ts";

/** Methods of the routes whose handlers are in Fastify. */
const METHODS = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"];

function openServer(settings: Settings, listener: RequestListener): Server {
  const server = createServer(
    // Node's own response to a missing host has no body.
    { ...slowClientOptions(settings), requireHostHeader: false },
    listener,
  );
  server.keepAliveTimeout = settings.KEEP_ALIVE_TIMEOUT_MS;
  // Node would send `100 Continue` before anything is decided.
  server.on("checkContinue", (request, response) => server.emit("request", request, response));
  return server;
}

/** The head of a Fetch `Response`, whose headers win over those of the Fastify reply. */
function headOf({ headers }: Response): ResponseHead {
  return {
    header: (name, value) => headers.set(name, String(value)),
    getHeader: (name) => headers.get(name) ?? undefined,
    removeHeader: (name) => headers.delete(name),
  };
}

/**
 * Opens the HTTP server behind which Fastify runs the handlers that read their body or send their response themselves.
 * It has one route: which handler a request is for, the host has decided.
 */
export function openFastify(settings: Settings, host: Host): FastifyInstance {
  const app = fastify({
    serverFactory: (handler) =>
      openServer(
        settings,
        host.listener((raw, response) => {
          // Fastify rejects types that are not valid, which such a route takes.
          if (exchangeOf(raw).route.rules.body === ANY_BODY) {
            raw.headers["content-type"] = "application/octet-stream";
          }
          handler(raw, response);
        }),
      ),
    genReqId: (raw) => exchangeOf(raw).id,
    clientErrorHandler: sendMalformed,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    exposeHeadRoutes: false,
  });
  app.decorateRequest("exchange", {
    getter() {
      return exchangeOf(this.raw);
    },
  });
  app.decorateRequest("call", {
    getter() {
      return exchangeOf(this.raw).call;
    },
  });
  // The host has received what is no file.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", ({ exchange }, _payload, done) => done(null, exchange.body));
  app.addHook("onSend", async ({ exchange }, reply, payload) => {
    if (payload instanceof Response) {
      host.complete(exchange, headOf(payload));
      return payload;
    }
    host.complete(exchange, reply);
    const isContent =
      typeof payload === "string" || payload instanceof Uint8Array || payload instanceof Readable;
    return isContent ? ((await compress(exchange, payload, reply)) ?? payload) : payload;
  });
  app.setErrorHandler((error, { exchange }, reply) => {
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (name.startsWith("content-")) reply.raw.removeHeader(name);
      else exchange.header(name, typeof value === "number" ? value : String(value));
    }
    host.fail(exchange, error);
  });
  app.route({
    method: METHODS,
    url: "*",
    handler(request, reply) {
      const { exchange } = request;
      const { handler } = exchange.route;
      if (handler === undefined) throw new Error("the route has no handler in Fastify");
      request.params = exchange.params;
      return handler(request, reply);
    },
  });
  return app;
}
