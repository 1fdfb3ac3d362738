import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { checkIntervalMs } from "./limit-settings.ts";

/**
 * Cuts off clients that take no byte of an answer that waits for them for some milliseconds: all of it is held in
 * memory until then. Looking at the connections now and then costs a request nothing.
 */
export function cutOffStalledReaders(app: FastifyInstance, milliseconds: number): void {
  const connections = new Set<Socket>();
  const watched = new WeakSet<Socket>();
  app.server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  const look = () => {
    for (const socket of connections) {
      const waiting = socket.writableLength > 0;
      if (waiting && (socket.timeout ?? 0) === 0) {
        // Counts a byte that the system takes as progress; Node ends the connection when it is over.
        socket.setTimeout(milliseconds);
        watched.add(socket);
      } else if (!waiting && watched.delete(socket) && socket.timeout === milliseconds) {
        socket.setTimeout(0);
      }
    }
  };
  const timer = setInterval(look, checkIntervalMs(milliseconds)).unref();
  app.addHook("onClose", (_app, done) => {
    clearInterval(timer);
    done();
  });
}
