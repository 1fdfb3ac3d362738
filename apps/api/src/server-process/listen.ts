import type { FastifyInstance } from "fastify";
import type { Settings } from "../settings.ts";

/** The address cannot be listened on. */
export class ListenError extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`cannot listen on ${host}:${port}: ${reason}`, { cause });
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
