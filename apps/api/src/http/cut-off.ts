import type { Socket } from "node:net";
import { toSepalError } from "../errors/to-sepal-error.ts";
import type { FastifyInstance, FastifyReply } from "fastify";

/** The reply that a connection waits for; of pipelined requests the last. */
const waitingFor = Symbol("reply");

interface Connection extends Socket {
  [waitingFor]?: FastifyReply | undefined;
}

/**
 * Has requests whose connection ends before their reply counted and logged as others are, with the status that their
 * failure has, or 499 when the client hung up: Fastify tells the end of a reply only where the reply ends. A request
 * costs two assignments; the listener is one a connection.
 */
export function noteCutOffs(app: FastifyInstance): void {
  app.server.on("connection", (socket: Connection) => {
    socket.once("close", () => {
      const reply = socket[waitingFor];
      socket[waitingFor] = undefined;
      // Node tells nobody else that this reply has ended.
      if (reply === undefined || reply.raw.writableFinished) return;
      const { raw, request } = reply;
      raw.statusCode = request.failure === undefined ? 499 : toSepalError(request.failure).status;
      raw.on("error", () => {});
      raw.emit("error", new Error("the answer was cut off"));
    });
  });
  app.addHook("onRequest", (request, reply, done) => {
    const connection: Connection = request.raw.socket;
    connection[waitingFor] = reply;
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const connection: Connection = request.raw.socket;
    if (connection[waitingFor] === reply) connection[waitingFor] = undefined;
    done();
  });
}
