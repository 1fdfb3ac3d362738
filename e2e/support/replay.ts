import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const RECORDED = new URL("../../apps/web/src/lib/metrics/fixtures/", import.meta.url);

/** Text of a scrape that was recorded from the API. */
export function recordedScrape(name: "before" | "after" | "restarted"): Promise<string> {
  return readFile(fileURLToPath(new URL(`${name}.txt`, RECORDED)), "utf8");
}

/** A server whose metrics are recorded scrapes. */
export interface Replay extends AsyncDisposable {
  readonly url: string;
  /** When each scrape was asked for, in milliseconds of this process. */
  readonly scrapedAt: readonly number[];
  /** Shows this text from the next scrape on. */
  show(text: string): void;
}

/** Starts a replay that shows one text until it is given another. */
export async function startReplay(text: string): Promise<Replay> {
  let current = text;
  const scrapedAt: number[] = [];
  const server = createServer((request, response) => {
    if (request.url === "/metrics") {
      scrapedAt.push(performance.now());
      response.end(current);
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    scrapedAt,
    show(next) {
      current = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
