import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { BUILT_PREFIX } from "../lib/path-prefix.ts";
import { TextResponse } from "./text-response.ts";

type Handler = (response: TextResponse) => void;

async function responseTo(prefix: string, handle: Handler, init: RequestInit = {}) {
  const listener = (_request: IncomingMessage, response: TextResponse) => {
    response.prefix = prefix;
    handle(response);
  };
  const server = createServer({ ServerResponse: TextResponse }, listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port }: AddressInfo = Object(server.address());
  try {
    const response = await fetch(`http://127.0.0.1:${port}/`, { redirect: "manual", ...init });
    return { response, text: await response.text() };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const PAGE = `<a href="${BUILT_PREFIX}/a">é_${BUILT_PREFIX.slice(0, -1)}</a>${BUILT_PREFIX}/_`;
const IDENTITY = { headers: { "accept-encoding": "identity" } };

test.each(["", "/x", "/a/prefix/longer/than/the/built/one"])(
  "puts %j in the place of the built prefix, wherever the text is cut",
  async (prefix) => {
    const bytes = Buffer.from(PAGE);
    for (const size of [1, 7, bytes.length]) {
      for (const init of [{}, IDENTITY]) {
        const { response, text } = await responseTo(
          prefix,
          (response) => {
            response.setHeader("content-type", "text/html; charset=utf-8");
            response.setHeader("content-length", bytes.length);
            response.setHeader("link", `<${BUILT_PREFIX}/a.css>`);
            for (let at = 0; at < bytes.length; at += size) {
              response.write(bytes.subarray(at, at + size));
              response.flush();
            }
            response.end();
          },
          init,
        );
        expect(text).toBe(PAGE.replaceAll(BUILT_PREFIX, prefix));
        expect(response.headers.get("link")).toBe(`<${prefix}/a.css>`);
        expect(response.headers.get("content-encoding")).toBe(init === IDENTITY ? null : "gzip");
      }
    }
  },
);

test("packs long texts whole, and calls back", async () => {
  const text = PAGE.repeat(20_000);
  const called: string[] = [];
  const result = await responseTo("/x", (response) => {
    response.setHeader("content-type", "text/x-component");
    const free = response.write(text, () => called.push("written"));
    const end = () => response.end(PAGE, () => called.push("ended"));
    if (free) end();
    else response.once("drain", end);
  });
  expect(result.text).toBe((text + PAGE).replaceAll(BUILT_PREFIX, "/x"));
  expect(called).toEqual(["written", "ended"]);
});

test.each([
  ["of another type", "text/plain", {}],
  ["of an event stream", "text/event-stream", {}],
  ["of JSON that must not be changed", "application/json", { "cache-control": "no-transform" }],
])("leaves a text %s as it is", async (_what, type, headers) => {
  const { response, text } = await responseTo("/x", (response) => {
    response.writeHead(200, { "content-length": Buffer.byteLength(PAGE) });
    response.end(PAGE);
  });
  expect([text, response.headers.get("content-encoding")]).toEqual([PAGE, null]);
  const again = await responseTo("/x", (response) => {
    response.setHeader("content-type", type);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(PAGE);
  });
  expect([again.text, again.response.headers.get("content-encoding")]).toEqual([PAGE, null]);
});

test("sends no body where there is none", async () => {
  const { response, text } = await responseTo(
    "/x",
    (response) => {
      response.setHeader("content-type", "text/html");
      response.end();
    },
    { method: "HEAD" },
  );
  expect([response.status, text]).toEqual([200, ""]);
  const moved = await responseTo("/x", (response) => {
    response.statusCode = 308;
    response.setHeader("location", `${BUILT_PREFIX}/there`);
    response.end(`${BUILT_PREFIX}/there`);
  });
  expect(moved.response.headers.get("location")).toBe("/x/there");
});
