import { createRequire } from "node:module";
import { dirname } from "node:path";
import fastifyStatic from "@fastify/static";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { FastifyInstance, FastifyRequest } from "fastify";
import * as z from "zod";
import {
  jsonResponse,
  textResponse,
  asset,
  bytes,
  type BytesEndpoint,
  type Endpoints,
} from "../endpoints/endpoint.ts";
import { examplePredictions } from "../endpoints/examples.ts";
import { LOGIN_PATH } from "../endpoints/login-endpoint.ts";
import { sendDocument } from "../http/entity-tag.ts";
import { VERSION } from "../version.ts";
import type { DocumentedModels } from "./model-names.ts";
import type { DocumentedAccess } from "./openapi.ts";
import { REDOC_PAGE, SWAGGER_PAGE, SWAGGER_START } from "./pages.ts";
import { isPathPrefix } from "@sepal/schema/path-prefix";

const require = createRequire(import.meta.url);
const swaggerRoot = dirname(require.resolve("swagger-ui-dist/package.json"));
const redocRoot = dirname(require.resolve("redoc/bundles/redoc.standalone.js"));

// Both viewers style elements in place; neither gets a script, a font or a picture from elsewhere.
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Headers of a page besides its policy: no other page may frame it or learn its address from it. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": PAGE_POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

const DECLARED = { rules: { access: "open" }, tag: "server" } as const;

function page(path: `/${string}`, text: string, summary: string): BytesEndpoint {
  return bytes({
    ...DECLARED,
    rest: { method: "GET", path },
    handler: (request, reply) => sendDocument(request, reply.headers(PAGE_HEADERS), text),
    summary,
    description: "Interactive documentation of `/openapi.json`.",
    document: () => ({ responses: textResponse("text/html", "A page", text) }),
  });
}

/** The path below which the client reaches the server: that of a trusted proxy, else that of the settings. */
function pathPrefix({ exchange, call, headers }: FastifyRequest): string {
  const forwarded = headers["x-forwarded-prefix"];
  // The first address is that of the peer; another one is there where the peer is a trusted proxy.
  if (exchange.addresses.length > 1 && typeof forwarded === "string" && isPathPrefix(forwarded)) {
    return forwarded;
  }
  return call.services.settings.PATH_PREFIX ?? "/";
}

/** The document with the addresses of the server and of its login, relative to the host. */
function withServer(document: string, url: string): string {
  const login = `${url.replace(/\/$/, "")}${LOGIN_PATH}`;
  return document
    .replace('"servers":[{"url":"/"}]', () => `"servers":[{"url":${JSON.stringify(url)}}]`)
    .replace(`"tokenUrl":"${LOGIN_PATH}"`, () => `"tokenUrl":${JSON.stringify(login)}`);
}

/** Names of the models of each contract. */
function documentedModels(registry: ModelRegistry): DocumentedModels {
  const models = Map.groupBy(registry.models(), ({ file }) => file?.contract ?? "");
  return Object.fromEntries(
    [...models].map(([contract, entries]) => [contract, entries.map(({ name }) => name)]),
  );
}

interface DocsOptions {
  readonly access: DocumentedAccess;
  /** All endpoints, these included. */
  readonly endpoints: () => Endpoints;
}

/** Lets handlers send the files of Swagger UI and ReDoc. */
export async function openDocsFiles(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, { root: swaggerRoot, serve: false });
}

/** `/openapi.json`, Swagger UI at `/docs` and ReDoc at `/redoc`, with every asset served here. */
export function docsEndpoints({ access, endpoints }: DocsOptions) {
  const written: { shown: string; document: string; endpoints: Endpoints | undefined } = {
    shown: "",
    document: "",
    endpoints: undefined,
  };
  const files = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];
  return {
    openapi: bytes({
      ...DECLARED,
      rest: { method: "GET", path: "/openapi.json" },
      async handler(request, reply) {
        const { call } = request;
        const predictions = await examplePredictions(call.services);
        const models = documentedModels(call.services.registry);
        // Other models may serve since the last time.
        const shown = JSON.stringify([predictions, models]);
        if (written.endpoints !== endpoints() || written.shown !== shown) {
          // On first use: the generator costs 15 MB of memory that most processes never need.
          const { ECHO_INPUT: echoInput } = call.services.settings;
          const { openApiDocument } = await import("./openapi.ts");
          written.document = JSON.stringify(
            openApiDocument(endpoints(), { predictions, models, access, echoInput }),
          );
          written.shown = shown;
          written.endpoints = endpoints();
        }
        return sendDocument(
          request,
          reply.header("content-type", "application/json; charset=utf-8"),
          withServer(written.document, pathPrefix(request)),
        );
      },
      summary: "This document",
      description: "Covers the contracts and models that the server has now.",
      document: () => ({
        responses: jsonResponse(z.looseObject({ openapi: z.string() }), {
          openapi: "3.1.0",
          info: { title: "Sepal", version: VERSION },
        }),
      }),
    }),
    docs: page("/docs", SWAGGER_PAGE, "Swagger UI"),
    redoc: page("/redoc", REDOC_PAGE, "ReDoc"),
    docsStart: asset("/docs/start.js", (request, reply) =>
      sendDocument(
        request,
        reply.header("content-type", "text/javascript; charset=utf-8"),
        SWAGGER_START,
      ),
    ),
    docsFiles: Object.fromEntries(
      files.map((file) => [file, asset(`/docs/${file}`, (_, reply) => reply.sendFile(file))]),
    ),
    redocScript: asset("/redoc/redoc.standalone.js", (_request, reply) =>
      reply.sendFile("redoc.standalone.js", redocRoot),
    ),
  };
}
