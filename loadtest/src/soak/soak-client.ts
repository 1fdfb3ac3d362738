import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";

/** A request that takes longer hangs, in milliseconds. */
const HANG_MS = 30_000;

const JSON_TYPE = { "content-type": "application/json" };

/** A reply, read whole. */
export interface SoakReply {
  readonly status: number;
  readonly text: string;
}

/** Connections of the traffic, kept alive and bounded in number. */
export class SoakClient implements Disposable {
  readonly #origin: string;
  readonly #agent: Agent;

  constructor(origin: string, connections: number) {
    this.#origin = origin;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Posts a body as it is and reads the reply whole; fails where it does not end in time. */
  async post(
    path: string,
    body: string,
    headers: Readonly<Record<string, string>> = JSON_TYPE,
  ): Promise<SoakReply> {
    const sent = request(this.#origin + path, {
      method: "POST",
      agent: this.#agent,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout(HANG_MS),
    });
    const replied = once(sent, "response");
    sent.end(body);
    const [reply]: IncomingMessage[] = await replied;
    if (reply === undefined) throw new Error("no response");
    let text = "";
    for await (const part of reply.setEncoding("utf8")) text += part;
    return { status: reply.statusCode ?? 0, text };
  }

  /** Posts JSON and gives the text of a 200; fails with what came instead. */
  async ask(path: string, body: unknown, headers = JSON_TYPE): Promise<string> {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const { status, text } = await this.post(path, sent, headers);
    if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 200)}`);
    return text;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
