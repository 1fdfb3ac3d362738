import { once } from "node:events";
import { request } from "node:http";

/** A request that the server has begun to serve and whose body it still waits for. */
interface HeldPost {
  /** Sends the body; gives the reply. */
  finish(): Promise<{ status: number | undefined; text: string }>;
}

/** Posts a JSON text up to the point where the server waits for the body. */
export async function holdPost(url: string, body: string): Promise<HeldPost> {
  const held = request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      // The server says so when it has read the head.
      expect: "100-continue",
    },
  });
  const replied = once(held, "response");
  held.flushHeaders();
  await once(held, "continue");
  return {
    async finish() {
      held.end(body);
      const [reply] = await replied;
      let text = "";
      for await (const part of reply.setEncoding("utf8")) text += part;
      return { status: reply.statusCode, text };
    },
  };
}
