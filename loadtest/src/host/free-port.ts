import { once } from "node:events";
import { createServer } from "node:http";

async function takes(port: number): Promise<number | null> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return null;
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? null) : null;
}

/** A port that nobody listens on, nor on the one after it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await takes(0);
    if (port !== null && (await takes(port + 1)) !== null) return port;
  }
}
