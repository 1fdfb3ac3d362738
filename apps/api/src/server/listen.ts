import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings/settings.ts";

/** The address cannot be listened on. */
export class ListenError extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = reason.includes("EADDRINUSE")
      ? "; stop the program that has the port, or set PORT to another"
      : "";
    super(`cannot listen on ${host}:${port}: ${reason}${remedy}`, { cause });
    this.name = "ListenError";
  }
}

/** Listens where the settings say, and gives the address; fails with {@link ListenError}. */
export async function listen(
  app: FastifyInstance,
  { HOST: host, PORT: port }: Settings,
): Promise<string> {
  await app.ready();
  return app.listen({ host, port }).catch((cause) => {
    throw new ListenError(host, port, cause);
  });
}
