import { expect, test } from "vitest";
import { ResponseReader } from "./response-reader.ts";

const answer = 'HTTP/1.1 200 OK\r\nX-A: content-length: 9\r\nContent-Length: 8\r\n\r\n{"a":"b"';

test("an answer ends with its last byte, however its bytes are cut", () => {
  for (let cut = 1; cut < answer.length; cut += 1) {
    const reader = new ResponseReader();
    // The buffer is used again for the next bytes, as a socket's is.
    const buffer = Buffer.alloc(answer.length);
    buffer.write(answer.slice(0, cut));
    expect(reader.take(buffer.subarray(0, cut))).toBe(null);
    buffer.write(answer.slice(cut));
    expect(reader.take(buffer.subarray(0, answer.length - cut))).toBe(200);
  }
});

test("answers follow each other, empty ones too", () => {
  const reader = new ResponseReader();
  const empty = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n";
  expect(reader.take(Buffer.from(empty))).toBe(503);
  expect(reader.take(Buffer.from(answer))).toBe(200);
});

test.each([
  ["no length", "HTTP/1.1 200 OK\r\nx: y\r\n\r\n"],
  ["chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"],
  ["an interim answer", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
  ["more than was announced", `${answer}!`],
  ["a head without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}`],
])("refuses %s", (_, text) => {
  expect(() => new ResponseReader().take(Buffer.from(text))).toThrow("unexpected answer");
});
