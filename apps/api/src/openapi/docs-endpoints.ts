import { createRequire } from "node:module";
import { dirname } from "node:path";
import fastifyStatic from "@fastify/static";
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
import { VERSION } from "../version.ts";
import type { DocumentedAccess } from "./openapi.ts";
import { REDOC_PAGE, SWAGGER_PAGE, SWAGGER_START } from "./pages.ts";

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
    handler: (_request, reply) => reply.headers(PAGE_HEADERS).send(text),
    summary,
    document: () => ({ responses: textResponse("text/html", "A page", text) }),
  });
}

const FORWARDED_PREFIX = /^(?:\/[\w.~%-]+)+$/;

/** The path below which the client reaches the server: that of a trusted proxy, else that of the settings. */
function pathPrefix({ call, headers, ips = [] }: FastifyRequest): string {
  const forwarded = headers["x-forwarded-prefix"];
  // The first address is that of the peer; another one is there where the peer is a trusted proxy.
  if (ips.length > 1 && typeof forwarded === "string" && FORWARDED_PREFIX.test(forwarded)) {
    return forwarded;
  }
  return call.services.settings.PATH_PREFIX ?? "/";
}

/** The document with the address of the server, relative to the host. */
function withServer(document: string, url: string): string {
  return document.replace(
    '"servers":[{"url":"/"}]',
    () => `"servers":[{"url":${JSON.stringify(url)}}]`,
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
  const written = { predictions: "", document: "" };
  const files = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];
  return {
    openapi: bytes({
      ...DECLARED,
      rest: { method: "GET", path: "/openapi.json" },
      async handler(request, reply) {
        const { call } = request;
        const predictions = await examplePredictions(call.services);
        // Another model may serve since the last time.
        const key = JSON.stringify(predictions);
        if (written.document === "" || written.predictions !== key) {
          // On first use: the generator costs 15 MB of memory that most processes never need.
          const { ECHO_INPUT: echoInput } = call.services.settings;
          const { openApiDocument } = await import("./openapi.ts");
          written.document = JSON.stringify(
            openApiDocument(endpoints(), { predictions, access, echoInput }),
          );
          written.predictions = key;
        }
        return reply
          .header("content-type", "application/json; charset=utf-8")
          .send(withServer(written.document, pathPrefix(request)));
      },
      summary: "This document",
      document: () => ({
        responses: jsonResponse(z.looseObject({ openapi: z.string() }), {
          openapi: "3.1.0",
          info: { title: "Sepal", version: VERSION },
        }),
      }),
    }),
    docs: page("/docs", SWAGGER_PAGE, "Swagger UI"),
    redoc: page("/redoc", REDOC_PAGE, "ReDoc"),
    docsStart: asset("/docs/start.js", (_request, reply) =>
      reply.header("content-type", "text/javascript; charset=utf-8").send(SWAGGER_START),
    ),
    docsFiles: Object.fromEntries(
      files.map((file) => [file, asset(`/docs/${file}`, (_, reply) => reply.sendFile(file))]),
    ),
    redocScript: asset("/redoc/redoc.standalone.js", (_request, reply) =>
      reply.sendFile("redoc.standalone.js", redocRoot),
    ),
  };
}
