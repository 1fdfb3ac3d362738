import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  Admin,
  Consumer,
  Producer,
  stringDeserializers,
  stringSerializers,
} from "@platformatic/kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../../apps/api/test/support/api-process.ts";
import { startKafka } from "./kafka-broker.ts";

const ROWS = 30_000;
const KEYS = 50;
const script = fileURLToPath(new URL("../kafka/score.ts", import.meta.url));

const isThere = ["java", "mvn"].every((program) => spawnSync(program, ["-version"]).status === 0);

let api: ApiProcess;
let broker: Awaited<ReturnType<typeof startKafka>>;
const started: ChildProcess[] = [];
beforeAll(async () => {
  if (!isThere) return;
  api = await startApi();
  broker = await startKafka();
}, 1_200_000);
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await broker?.[Symbol.asyncDispose]();
  await api?.[Symbol.asyncDispose]();
});

function startScoring() {
  const child = spawn(process.execPath, [script, broker.address, api.url]);
  started.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => (text += part));
  }
  return { child, text: () => text };
}

/** A row, one that is too short, or no JSON at all. */
function valueOf(order: number): string {
  if (order % 1000 === 11) return `order ${order}`;
  const features = order % 100 === 7 ? [5] : [4 + (order % 37) / 10, 3, 1 + (order % 59) / 10, 0.2];
  return JSON.stringify({ order, features });
}

// Skipped where there is no Java 17 with Maven.
test.skipIf(!isThere)(
  "scores every message of a topic, in the order of its key, though it is killed",
  async () => {
    const base = {
      clientId: "test",
      bootstrapBrokers: [broker.address],
      retries: 60,
      retryDelay: 500,
    };
    const admin = new Admin(base);
    const topics = ["flowers", "irises", "bad-flowers"];
    await admin.createTopics({ topics, partitions: 2, replicas: 1 });
    await admin.close();
    const producer = new Producer({ ...base, serializers: stringSerializers });
    const fill = async (from: number, to: number) => {
      for (let start = from; start < to; start += 1000) {
        const orders = Array.from({ length: 1000 }, (_, index) => start + index);
        const messages = orders.map((order) => ({
          topic: "flowers",
          key: `${order % KEYS}`,
          value: valueOf(order),
        }));
        await producer.send({ acks: -1, messages });
      }
    };
    await fill(0, ROWS / 2);
    const first = startScoring();
    await eventually(() => first.text().includes("scored"), "the first scores");
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    await fill(ROWS / 2, ROWS);
    await producer.close();
    startScoring();

    const seen = { good: new Map<number, string>(), bad: new Set<string>(), disorder: 0 };
    const last = new Map<string, number>();
    const consumer = new Consumer({ ...base, groupId: "test", deserializers: stringDeserializers });
    const stream = await consumer.consume({
      topics: ["irises", "bad-flowers"],
      autocommit: false,
      mode: "earliest",
      maxWaitTime: 200,
    });
    stream.on("data", ({ topic, key, value }) => {
      const result = JSON.parse(value);
      if (topic === "bad-flowers") {
        seen.bad.add(String(result.order ?? result.input));
        return;
      }
      // Scored a second time, it stands behind others of its key again.
      if (!seen.good.has(result.order)) {
        if ((last.get(key) ?? -1) > result.order) seen.disorder += 1;
        last.set(key, result.order);
      }
      seen.good.set(result.order, result.label);
    });
    await eventually(() => seen.good.size + seen.bad.size >= ROWS, "every message is scored");
    await consumer.close(true);
    expect(seen.good.size).toBe(ROWS - ROWS / 100 - ROWS / 1000);
    expect(seen.bad.size).toBe(ROWS / 100 + ROWS / 1000);
    expect(seen.disorder).toBe(0);
    expect(new Set(seen.good.values()).size).toBeGreaterThan(1);
  },
);
