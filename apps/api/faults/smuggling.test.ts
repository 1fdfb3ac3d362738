import { expect } from "vitest";
import { startApi, type ApiProcess } from "../test/support/api-process.ts";
import { fault } from "./frame/fault.ts";
import { othersAreServed } from "./frame/others-are-served.ts";
import { answerWithin, openSocket } from "./frame/raw-sockets.ts";
import { smugglingProbes } from "./frame/smuggling-probes.ts";
import { startChanged } from "./frame/start-changed.ts";

/** How long a server that keeps a connection may take to answer a second request on it, in milliseconds. */
const QUIET_MS = 500;

function idOf(name: string): string {
  return `hidden-${name.replaceAll(/\W/g, "-")}`;
}

async function check(api: ApiProcess): Promise<void> {
  const probes = smugglingProbes(idOf);
  expect(new Set(probes.map(([name]) => idOf(name))).size).toBe(probes.length);
  const answers = await Promise.all(
    probes.map(async ([name, bytes]) => {
      const socket = await openSocket(api.url);
      socket.write(Buffer.from(bytes, "latin1"));
      const text = await answerWithin(socket, QUIET_MS);
      return [name, text.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0] as const;
    }),
  );
  await othersAreServed(api);
  const reached = probes.filter(([name]) =>
    api.log.some((line) => line["request_id"] === idOf(name)),
  );
  expect(reached.map(([name]) => name).join(", "), "reached what is hidden").toBe("");
  expect(
    answers.filter(([, count]) => count > 1),
    "two answers",
  ).toEqual([]);
  expect(api.log.filter(({ level }) => level === "error")).toEqual([]);
}

fault("Request smuggling probes", {
  promise:
    "Bytes in which a strict proxy sees one request get one answer at most, and a request hidden in them never runs.",
  arrange: () => startApi(),
  check,
  twin: {
    lacks: "a strict parser",
    arrange: () => startApi({ variables: { NODE_OPTIONS: "--insecure-http-parser" } }),
    fails: /reached what is hidden: expected '.*CL\.TE, plain/,
  },
});

fault("Chunks in HTTP/1.0 before another request", {
  promise: "They are 400, and what follows them on the connection is not served.",
  arrange: () => startApi(),
  check,
  twin: {
    lacks: "a memory of connections whose requests have no certain end",
    arrange: () =>
      startChanged({
        changes: [{ file: "src/http/exchange.ts", text: "some = true;", by: "some = false;" }],
      }),
    fails: /reached what is hidden: expected 'a body of HTTP\/1\.0 in chunks'/,
  },
});
