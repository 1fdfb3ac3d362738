import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";

/** One server-sent event. */
export interface SeenEvent {
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into data of many shapes
  readonly data: any;
}

/** Reads the text of whole events, as the HTML standard says; comments are skipped. */
export function parseEvents(text: string): SeenEvent[] {
  expectWhole(text);
  return text
    .split("\n\n")
    .filter((block) => block !== "" && !block.startsWith(":"))
    .map((block) => {
      const [name = "", data = "", ...rest] = block.split("\n");
      if (!name.startsWith("event: ") || !data.startsWith("data: ") || rest.length > 0) {
        throw new Error(`no event: ${block.slice(0, 200)}`);
      }
      return { event: name.slice(7), data: JSON.parse(data.slice(6)) };
    });
}

function expectWhole(text: string): void {
  if (!text.endsWith("\n\n")) throw new Error(`cut off: …${text.slice(-200)}`);
}

/** Posts a body and gives the response unread, so that a test can leave it so. */
export async function openEvents(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<IncomingMessage> {
  const text = JSON.stringify(body);
  const asked = request(url, {
    method: "POST",
    agent: false,
    headers: {
      accept: "text/event-stream",
      "content-type": "application/json",
      "content-length": Buffer.byteLength(text),
      ...headers,
    },
  });
  const replied = once(asked, "response");
  asked.end(text);
  const [response] = await replied;
  return response;
}

/** All events of a response. */
export async function readEvents(response: IncomingMessage): Promise<SeenEvent[]> {
  let text = "";
  for await (const part of response.setEncoding("utf8")) text += part;
  return parseEvents(text);
}
