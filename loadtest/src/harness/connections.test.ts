import { expect, test } from "vitest";
import { ResponseReader } from "./connections.ts";

const response = 'HTTP/1.1 200 OK\r\nX-A: content-length: 9\r\nContent-Length: 8\r\n\r\n{"a":"b"';

test("a response ends with its last byte, however its bytes are cut", () => {
  for (let cut = 1; cut < response.length; cut += 1) {
    const reader = new ResponseReader();
    // The buffer is used again for the next bytes, as a socket's is.
    const buffer = Buffer.alloc(response.length);
    buffer.write(response.slice(0, cut));
    expect(reader.take(buffer.subarray(0, cut))).toBe(null);
    buffer.write(response.slice(cut));
    expect(reader.take(buffer.subarray(0, response.length - cut))).toBe(200);
  }
});

test("responses follow each other, empty ones too", () => {
  const reader = new ResponseReader();
  const empty = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n";
  expect(reader.take(Buffer.from(empty))).toBe(503);
  expect(reader.take(Buffer.from(response))).toBe(200);
});

test("a chunked response ends with its last chunk, however its bytes are cut", () => {
  const chunked =
    'HTTP/1.1 207 Multi-Status\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n[{"a":"0\\r\\n0"},\r\n5\r\n{"b"]\r\n0\r\n\r\n';
  for (let cut = 1; cut < chunked.length; cut += 1) {
    const reader = new ResponseReader();
    expect(reader.take(Buffer.from(chunked.slice(0, cut)))).toBe(null);
    expect(reader.take(Buffer.from(chunked.slice(cut)))).toBe(207);
    expect(reader.take(Buffer.from(response))).toBe(200);
  }
});

test("a chunked response may be empty", () => {
  const empty = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
  expect(new ResponseReader().take(Buffer.from(empty))).toBe(200);
});

test.each([
  ["no length", "HTTP/1.1 200 OK\r\nx: y\r\n\r\n"],
  [
    "a length and chunks",
    "HTTP/1.1 200 OK\r\ncontent-length: 0\r\ntransfer-encoding: chunked\r\n\r\n",
  ],
  ["an interim response", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
  ["more than was announced", `${response}!`],
  ["a head without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}`],
])("rejects %s", (_, text) => {
  expect(() => new ResponseReader().take(Buffer.from(text))).toThrow("unexpected response");
});
