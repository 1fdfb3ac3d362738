import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance } from "fastify";

/** Reads a JSON text; fails with `malformed_body` where JSON does. */
function parseJson(text: string): unknown {
  if (text === "") throw new SepalError("malformed_body", "the body is empty");
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new SepalError("malformed_body", `the body is not JSON: ${why}`, { cause });
  }
}

/** Bodies are JSON and nothing else; `__proto__` stays an ordinary key, which the schemas refuse. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    try {
      done(null, parseJson(body.toString()));
    } catch (error) {
      done(error instanceof Error ? error : null);
    }
  });
}
