import { Server, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/** How often connections that have become idle are closed, in milliseconds. */
const REAP_INTERVAL_MS = 100;

/** Ends a server without cutting off a request or an answer. */
export class ServerCloser {
  readonly #app: FastifyInstance;
  readonly #connections = new Set<Socket>();

  /** Follows the connections of a server from here on. */
  constructor(app: FastifyInstance) {
    this.#app = app;
    app.server.on("connection", (socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
  }

  /** Stops accepting at once, keeps open connections for `lingerMs`, then ends each when it is idle; settles when none is left. */
  async close(lingerMs: number): Promise<void> {
    let reaper: NodeJS.Timeout | undefined;
    const linger = setTimeout(() => {
      reaper = setInterval(() => this.#reap(), REAP_INTERVAL_MS);
    }, lingerMs);
    await this.#stopAccepting();
    clearTimeout(linger);
    clearInterval(reaper);
    await this.#app.close();
  }

  /** `close` of an HTTP server would end idle connections as well; settles when the last one has ended. */
  #stopAccepting(): Promise<void> {
    return new Promise((resolve) => {
      // oxlint-disable-next-line typescript/unbound-method -- bound to the server in this call
      Reflect.apply(Server.prototype.close, this.#app.server, [() => resolve()]);
    });
  }

  #reap(): void {
    // To Node a connection is idle while its last answer still waits to be written.
    const writing = [...this.#connections].some((socket) => socket.writableLength > 0);
    if (!writing) this.#app.server.closeIdleConnections();
  }
}
