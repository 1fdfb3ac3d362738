import { createRequire } from "node:module";
import { dirname } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { OPEN } from "../http/route-rules.ts";
import type { Services } from "../context.ts";
import type { AppRouter } from "../protocols/trpc/router.ts";
import type { DocumentedAccess } from "./access.ts";
import { exampleAnswers } from "./example-answers.ts";
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

/** What a page says besides its policy: nobody frames it, and nobody learns its address from it. */
const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": PAGE_POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
};

/** `/openapi.json`, Swagger UI at `/docs` and ReDoc at `/redoc`, with every asset served here. */
export async function docsRoutes(
  app: FastifyInstance,
  router: AppRouter,
  services: Services,
  access: DocumentedAccess,
): Promise<void> {
  const { MAX_BATCH_ROWS: maxBatchRows, ECHO_INPUT: echoInput } = services.settings;
  const limits = { maxBatchRows };
  await app.register(fastifyStatic, { root: swaggerRoot, serve: false });
  const written = { answers: "", document: "" };
  app.get("/openapi.json", OPEN, async (_request, reply) => {
    const answers = await exampleAnswers(services);
    // Another model may answer since the last time.
    const key = JSON.stringify(answers);
    if (written.document === "" || written.answers !== key) {
      // On first use: the generator costs 15 MB of memory that most processes never need.
      const { openApiDocument } = await import("./openapi.ts");
      written.document = JSON.stringify(
        openApiDocument(router, limits, { answers, access, echoInput }),
      );
      written.answers = key;
    }
    return reply.header("content-type", "application/json; charset=utf-8").send(written.document);
  });
  const pages = { "/docs": SWAGGER_PAGE, "/redoc": REDOC_PAGE };
  for (const [path, page] of Object.entries(pages)) {
    app.get(path, OPEN, (_request, reply) => reply.headers(PAGE_HEADERS).send(page));
  }
  app.get("/docs/start.js", OPEN, (_request, reply) =>
    reply.header("content-type", "text/javascript; charset=utf-8").send(SWAGGER_START),
  );
  for (const file of ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"]) {
    app.get(`/docs/${file}`, OPEN, (_request, reply) => reply.sendFile(file));
  }
  app.get("/redoc/redoc.standalone.js", OPEN, (_request, reply) =>
    reply.sendFile("redoc.standalone.js", redocRoot),
  );
}
