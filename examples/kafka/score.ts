// Scores the messages of a topic: at least once, in as large batches as have arrived, bad ones to a topic of their own.
//
// node score.ts [brokers] [server], 127.0.0.1:9092 and http://localhost:8000 where none is named.

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Consumer,
  Producer,
  stringDeserializers,
  stringSerializers,
  type Message,
} from "@platformatic/kafka";

const [brokers = "127.0.0.1:9092", server = "http://localhost:8000"] = process.argv.slice(2);
const key = process.env["SEPAL_API_KEY"];

const SOURCE = "flowers";
const SCORED = "irises";
const BAD = "bad-flowers";

/** Messages of one request. */
const MOST = 5000;

type Text = Message<string, string, string, string>;

// A broker that has just started may have no coordinator of groups yet.
const patience = { retries: 30, retryDelay: 1000 };
const base = { clientId: "sepal-scoring", bootstrapBrokers: brokers.split(","), ...patience };
const consumer = new Consumer({
  ...base,
  groupId: "scoring",
  // How long the partitions of a consumer that was killed wait for another one.
  sessionTimeout: 10_000,
  heartbeatInterval: 2000,
  deserializers: stringDeserializers,
});
const producer = new Producer({ ...base, serializers: stringSerializers });

/** A message as a line of the request: a JSON object is a row, anything else is sent as it is and rejected there. */
function lineOf({ value }: Text): string {
  return value.replaceAll(/[\r\n]+/g, " ").trim() || "null";
}

/** Scores lines; on overload (503) or an exhausted quota (429), waits for Retry-After and retries. */
async function score(lines: readonly string[]): Promise<string[]> {
  for (;;) {
    const response = await fetch(`${server}/predict-file`, {
      method: "POST",
      headers: { "content-type": "application/x-ndjson", ...(key && { "x-api-key": key }) },
      body: `${lines.join("\n")}\n`,
    });
    const text = await response.text();
    if (response.ok) return text.trimEnd().split("\n");
    if (response.status !== 503 && response.status !== 429) {
      throw new Error(`${server}: ${response.status} ${text}`);
    }
    await sleep(1000 * Number(response.headers.get("retry-after") ?? 1));
  }
}

/** Where the group resumes: behind the last message of each partition. */
function offsetsBehind(messages: readonly Text[]) {
  const last = new Map(messages.map((message) => [message.partition, message]));
  return [...last.values()].map(({ topic, partition, offset, leaderEpoch }) => ({
    topic,
    partition,
    offset: offset + 1n,
    leaderEpoch,
  }));
}

async function scoreMessages(messages: readonly Text[]): Promise<void> {
  const results = await score(messages.map(lineOf));
  if (results.length !== messages.length) {
    throw new Error(`${results.length} results for ${messages.length} messages`);
  }
  await producer.send({
    acks: -1,
    messages: messages.map((message, index) => {
      const value = results[index] ?? "";
      const topic = JSON.parse(value).error === null ? SCORED : BAD;
      // What belongs together keeps its order: the same key is in the same partition.
      return { topic, value, ...(message.key && { key: message.key }) };
    }),
  });
  // Only now: killed before, another consumer scores them again, and a prediction changes nothing.
  await consumer.commit({ offsets: offsetsBehind(messages) });
  console.log(`${messages.length} messages scored`);
}

const stream = await consumer.consume({
  topics: [SOURCE],
  autocommit: false,
  mode: "committed",
  fallbackMode: "earliest",
  maxWaitTime: 200,
});
const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => stopping.abort());
}
while (!stopping.signal.aborted) {
  const messages: Text[] = [];
  // What arrived while the batch before was scored: under load batches grow by themselves.
  for (let next = stream.read(); next !== null; next = stream.read()) {
    messages.push(next);
    if (messages.length === MOST) break;
  }
  if (messages.length > 0) await scoreMessages(messages);
  else await once(stream, "readable", { signal: stopping.signal }).catch(() => {});
}
await consumer.close(true);
await producer.close();
