import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { expectDocumented } from "../support/documented.ts";
import { keepAliveClient } from "../support/keep-alive-client.ts";

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

/** Waits until nobody takes new connections. */
async function listenerClosed(url: string): Promise<void> {
  const refused = () =>
    fetch(`${url}/health/live`).then(
      () => false,
      () => true,
    );
  await eventually(refused, "the listener is closed");
}

test("late requests on open connections get 503 and are not cut off", async () => {
  const requests = [
    ["/predict", GOOD],
    ["/trpc/predict", GOOD],
    ["/predict-batch", { rows: Array(50_000).fill(GOOD.features) }],
    ["/health", undefined],
    ["/health/ready", undefined],
    ["/v2/health/ready", undefined],
  ] as const;
  await using api = await startApi();
  using stack = new DisposableStack();
  const kept = requests.map(([path, sent]) => {
    return { path, sent, client: stack.use(keepAliveClient(api.url)) };
  });
  for (const { client } of kept) expect((await client.send("/health/live")).status).toBe(200);
  api.child.kill("SIGTERM");
  await listenerClosed(api.url);
  // All at once: after 500 ms the server closes connections that sent nothing.
  const late = kept.map(async ({ path, sent, client }) => {
    const { status, headers, text } = await client.send(path, sent);
    const body = JSON.parse(text);
    const message = body.detail ?? body.error.message ?? body.error;
    expect([path, status, message]).toEqual([path, 503, "the server is shutting down"]);
    const contentType = headers["content-type"] ?? null;
    const method = sent === undefined ? "GET" : "POST";
    expectDocumented({ method, path, status: 503, contentType, body });
    expect(headers).toMatchObject({ "retry-after": "1", connection: "close" });
  });
  await Promise.all(late);
  expect(await api.ended()).toBe(0);
});

test("no keep-alive client is reset across SIGTERM", async () => {
  await using api = await startApi();
  const statuses: unknown[] = [];
  const loop = async () => {
    using client = keepAliveClient(api.url);
    for (;;) {
      const { status, headers } = await client.send("/predict", GOOD);
      statuses.push(status);
      if (headers.connection === "close") return;
    }
  };
  const clients = Promise.allSettled(Array.from({ length: 32 }, loop));
  await eventually(() => statuses.length > 500, "the clients are at work");
  api.child.kill("SIGTERM");
  const failures = (await clients).filter(({ status }) => status === "rejected");
  expect(failures).toEqual([]);
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(await api.ended()).toBe(0);
});

test.each([
  ["whole", "0"],
  ["in parts", "1"],
])(
  "an answer sent %s is read to its end by a slow client, and its connection ends then",
  async (_how, threads) => {
    const variables = { SHUTDOWN_GRACE_MS: "4000", INFERENCE_THREADS: threads };
    await using api = await startApi({ variables });
    const body = JSON.stringify({ rows: Array(100_000).fill(GOOD.features) });
    const { port } = new URL(api.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.write(
      `POST /predict-batch HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const [first] = await once(socket, "data");
    socket.pause();
    expect(String(first)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*connection: keep-alive/i);
    api.child.kill("SIGTERM");
    await listenerClosed(api.url);
    // Reads on only after the server has begun to end idle connections, which nothing else shows.
    await sleep(1000);
    let answer = String(first);
    for await (const part of socket.setEncoding("utf8")) answer += part;
    expect(answer.match(/"setosa"/g)?.length).toBeGreaterThanOrEqual(100_000);
    expect(await api.ended()).toBe(0);
  },
);

test("a connection on which nothing was ever sent does not hold the end up", async () => {
  await using api = await startApi({ variables: { SHUTDOWN_GRACE_MS: "4000" } });
  const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
  await once(socket, "connect");
  // A connection opened later has been answered: the server has taken the silent one as well.
  expect((await fetch(`${api.url}/health/live`)).status).toBe(200);
  api.child.kill("SIGTERM");
  expect(await api.ended()).toBe(0);
  socket.destroy();
});
