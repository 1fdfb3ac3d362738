import { expect } from "vitest";
import { startApi, type ApiProcess } from "../test/support/api-process.ts";
import { fault, type Within } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { answerWithin, openSocket } from "./frame/raw-sockets.ts";
import { sized } from "../test/support/sized.ts";

const KILOBYTES_20 = 20_000;

/** How long a response may take, in milliseconds. */
const PATIENCE_MS = 10_000;

function heads(scale: number): Record<string, string> {
  const long = "m".repeat(KILOBYTES_20 * scale);
  const many = Array.from({ length: 5000 * scale }, (_, index) => `x${index}: 1\r\n`).join("");
  const get = "GET /health HTTP/1.1\r\nHost: localhost\r\n";
  return {
    "a long value": `${get}x: ${long}\r\n\r\n`,
    "a long name": `${get}${long}: x\r\n\r\n`,
    "a long cookie": `${get}Cookie: ${long}\r\n\r\n`,
    "a long key": `${get}x-api-key: ${long}\r\n\r\n`,
    "very many fields": `${get}${many}\r\n`,
    "a long address": `GET /models/${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    "a long query": `GET /models?${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    "no end": `${get}x: ${long}`,
  };
}

/** How much longer than the shortest that is too long the longest is. */
const SCALE = sized(500, 20);

async function check(api: ApiProcess, within: Within): Promise<void> {
  const all = [heads(1), heads(SCALE)].flatMap((each) => Object.entries(each));
  const answers = await Promise.all(
    all.map(async ([name, bytes]) => {
      const socket = await openSocket(api.url);
      socket.write(bytes);
      const text = await answerWithin(socket, within(PATIENCE_MS));
      return [name, /^HTTP\/1\.1 (\d+)/.exec(text)?.[1], /connection: close/i.test(text)];
    }),
  );
  expect(answers.slice(0, all.length / 2)).toEqual(
    Object.keys(heads(1)).map((name) => [name, "431", true]),
  );
  // Of what is far too long the rest may still be on its way when the connection ends: the answer may be lost in a reset.
  const statuses = answers.map(([, status]) => status);
  expect(statuses.filter((status) => status !== "431" && status !== undefined)).toEqual([]);
  await othersAreServed(api);
  expect(api.log.filter(({ level }) => level === "error")).toEqual([]);
}

fault("Heads that are too large", {
  promise:
    "A long value, name or address and very many fields are 431 and the connection ends; others are served.",
  waits: true,
  arrange: () => startApi(),
  check,
  twin: {
    lacks: "a bound of heads",
    arrange: () => startApi({ variables: { NODE_OPTIONS: "--max-http-header-size=1000000000" } }),
    fails: /AssertionError: expected \[.*to deeply equal/,
  },
});
