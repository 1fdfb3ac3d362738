import { once } from "node:events";
import { request, type ClientRequest, type IncomingMessage } from "node:http";

/** What came back for a file. */
export interface FileReply {
  readonly status: number;
  readonly lines: number;
  readonly bytes: number;
  /** From the request's head to the end of the reply. */
  readonly seconds: number;
}

const LINE_END = 0x0a;

/** Rows made and written at once; few, because the times of single predictions are taken on the same thread. */
const PIECE_ROWS = 500;

/** A CSV of iris rows, no two neighbours alike, in pieces. */
function* irisFile(rows: number): Generator<string, void, void> {
  let piece = "id,sepal_length,sepal_width,petal_length,petal_width\n";
  for (let row = 0; row < rows; row += 1) {
    const cells = [4.3 + (row % 37) / 10, 2 + (row % 25) / 10, 1 + (row % 60) / 10];
    piece += `${row},${cells.map((cell) => cell.toFixed(1)).join(",")},${0.1 + (row % 24) / 10}\n`;
    if (row % PIECE_ROWS === PIECE_ROWS - 1) {
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

async function send(sent: ClientRequest, rows: number): Promise<void> {
  for (const piece of irisFile(rows)) {
    if (!sent.write(piece)) await once(sent, "drain");
  }
  sent.end();
}

async function receive(reply: IncomingMessage): Promise<{ lines: number; bytes: number }> {
  let lines = 0;
  let bytes = 0;
  for await (const part of reply) {
    if (!(part instanceof Uint8Array)) throw new Error("a reply gave no bytes");
    bytes += part.length;
    for (let at = part.indexOf(LINE_END); at !== -1; at = part.indexOf(LINE_END, at + 1))
      lines += 1;
  }
  return { lines, bytes };
}

/** Posts a file of so many rows and reads the result while it sends, or only when all is sent. */
export async function postFile(url: string, rows: number, readLate: boolean): Promise<FileReply> {
  const started = performance.now();
  const sent = request(url, { method: "POST", headers: { "content-type": "text/csv" } });
  const replied = once(sent, "response");
  const sending = send(sent, rows);
  if (readLate) await sending;
  const [reply] = await replied;
  const [{ lines, bytes }] = await Promise.all([receive(reply), sending]);
  const seconds = (performance.now() - started) / 1000;
  return { status: reply.statusCode ?? 0, lines, bytes, seconds };
}
