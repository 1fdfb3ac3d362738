import type { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { FastifyInstance, FastifyReply, FastifyRequest, preParsingHookHandler } from "fastify";
import { counted } from "../metrics/refusals.ts";
import { asPayload } from "./as-payload.ts";
// Declares `request.call`.
import "./call-context.ts";
import { collectBody } from "./collect-body.ts";

/** Bodies up to this many bytes are not counted: connections bound them. One without a length is counted in such steps. */
const SMALL_BYTES = 65_536;

/** Bytes of all bodies that are read or worked on. */
class Budget {
  #held = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Gives what takes the bytes of one body until it is answered, ever more of them; a body alone may take all. */
  of(request: FastifyRequest, reply: FastifyReply): (bytes: number) => SepalError | undefined {
    let own = 0;
    return (bytes) => {
      if (bytes <= own) return undefined;
      const others = this.#held - own;
      if (others > 0 && others + bytes > this.#most) {
        const refused = unavailable("too many large bodies at once", { reason: "bodies" });
        return counted(refused, request.call.services.observer);
      }
      if (own === 0) reply.raw.once("close", () => (this.#held -= own));
      this.#held += bytes - own;
      own = bytes;
      return undefined;
    };
  }
}

/**
 * Bounds the bytes of all JSON bodies that are read or worked on at once, on every route declared
 * from here on that takes large ones; of a body without a length, what has come counts.
 */
export function boundBodies(app: FastifyInstance, maxBytes: number): void {
  const budget = new Budget(maxBytes);
  app.addHook("onRoute", (route) => {
    const limit = route.bodyLimit ?? app.initialConfig.bodyLimit ?? 0;
    if (limit <= SMALL_BYTES || route.config?.refusal === true || route.method === "GET") return;
    const admit: preParsingHookHandler = (request, reply, payload, done) => {
      const { "content-type": type, "content-length": length } = request.headers;
      // Files go to the disk as they come.
      if (type?.startsWith("application/json") !== true) return done(null, payload);
      if (length !== undefined) {
        const bytes = Math.min(Number(length), limit);
        if (bytes <= SMALL_BYTES) return done(null, payload);
        return done(budget.of(request, reply)(bytes) ?? null, payload);
      }
      if (request.headers["transfer-encoding"] === undefined) return done(null, payload);
      const take = budget.of(request, reply);
      const grow = (bytes: number) =>
        bytes <= SMALL_BYTES
          ? undefined
          : take(Math.min(Math.ceil(bytes / SMALL_BYTES) * SMALL_BYTES, limit));
      return collectBody(
        payload,
        limit,
        (error, body) => {
          if (error !== null) return done(error);
          return done(null, asPayload(body, body.length));
        },
        { refuse: grow },
      );
    };
    route.preParsing = [admit, ...[route.preParsing ?? []].flat()];
  });
}
