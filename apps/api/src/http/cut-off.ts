import type { FastifyReply, FastifyRequest } from "fastify";
import { toSepalError } from "../errors/to-sepal-error.ts";

/**
 * Has an answer that was cut off counted and logged as others are, with the status that its failure has, or 499
 * when the client went away; Node tells the end of such an answer to nobody.
 */
export function noteCutOff(request: FastifyRequest, { raw }: FastifyReply): void {
  raw.once("close", () => {
    if (raw.writableFinished) return;
    raw.statusCode = request.failure === undefined ? 499 : toSepalError(request.failure).status;
    raw.emit("error", new Error("the answer was cut off"));
  });
  raw.on("error", () => {});
}
