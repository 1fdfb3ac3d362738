import { unavailable } from "@sepal/schema/unavailable";
import type { FastifyInstance, preParsingHookHandler } from "fastify";
import { counted } from "../metrics/refusals.ts";
// Declares `request.call`.
import "./call-context.ts";
import { readOn } from "./read-on.ts";

/** Bodies up to this many bytes are not counted: connections bound them. */
const SMALL_BYTES = 65_536;

/**
 * Bounds the bytes of all JSON bodies that are read or worked on at once, on every route declared
 * from here on that takes large ones; a body without a length counts as the largest it may be.
 */
export function boundBodies(app: FastifyInstance, maxBytes: number): void {
  let held = 0;
  app.addHook("onRoute", (route) => {
    const limit = route.bodyLimit ?? app.initialConfig.bodyLimit ?? 0;
    if (limit <= SMALL_BYTES || route.config?.refusal === true || route.method === "GET") return;
    const admit: preParsingHookHandler = (request, reply, payload, done) => {
      const { "content-type": type, "content-length": length } = request.headers;
      // Files go to the disk as they come.
      if (type?.startsWith("application/json") !== true) return done(null, payload);
      const bytes = Math.min(length === undefined ? limit : Number(length), limit);
      if (bytes <= SMALL_BYTES) return done(null, payload);
      if (held + bytes > maxBytes && held > 0) {
        readOn(request.raw);
        const refused = unavailable("too many large bodies at once", { reason: "bodies" });
        return done(counted(refused, request.call.services.observer));
      }
      held += bytes;
      reply.raw.once("close", () => {
        held -= bytes;
      });
      return done(null, payload);
    };
    route.preParsing = [admit, ...[route.preParsing ?? []].flat()];
  });
}
