import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";

const ROW = [5.1, 3.5, 1.4, 0.2];

const rowsOf = (length: number) => Array.from({ length }, () => ROW);

test.each([
  ["/predict-batch", { rows: rowsOf(3000), batch_size: 1 }, "0"],
  ["/predict-batch", { rows: rowsOf(100_000), batch_size: 10 }, "1"],
  ["/trpc/predictBatch", { rows: rowsOf(3000), batch_size: 1 }, "0"],
])(
  "a client of %s that hangs up leaves one log line and one count, with 499",
  async (path, sent, threads) => {
    await using api = await startApi({ variables: { INFERENCE_THREADS: threads } });
    const body = JSON.stringify(sent);
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    await new Promise((resolve) => socket.write(head + body, resolve));
    await send(`${api.url}/health/live`);
    socket.resetAndDestroy();
    const lines = () => api.log.filter(({ route }) => route === path);
    await eventually(() => lines().length > 0, "the log line");
    expect((await send(`${api.url}/predict-batch`, { method: "GET" })).status).toBe(405);
    const { text } = await send(`${api.url}/metrics`);
    expect(text).toContain(`http_requests_total{handler="${path}",method="POST",status="4xx"} 1`);
    expect(lines().map(({ status }) => status)).toEqual([499]);
  },
);
