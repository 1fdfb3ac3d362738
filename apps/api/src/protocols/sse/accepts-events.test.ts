import { expect, test } from "vitest";
import { acceptsEvents } from "./accepts-events.ts";

test.each([
  ["text/event-stream", true],
  ["Text/Event-Stream", true],
  ["text/event-stream, */*", true],
  ["text/event-stream, */*;q=0.1", true],
  ["text/*", true],
  ["application/json;q=0.5, text/event-stream;q=0.9", true],
  ["application/json; q=0.5 , text/event-stream ; q=0.9", true],
  ["text/event-stream;q=0.2, */*;q=0.1", true],
  ["application/problem+json, text/event-stream", true],
  [undefined, false],
  ["", false],
  ["*/*", false],
  ["application/json", false],
  ["text/html, */*", false],
  ["application/json, text/event-stream", false],
  ["text/event-stream, application/json", false],
  ["text/event-stream;q=0", false],
  ["text/event-stream;q=0, */*", false],
  ["text/event-stream;q=0.1, */*;q=0.2", false],
  ["text/*;q=0.5, application/json", false],
  ["text/event-stream;q=often", false],
])("%s asks for events: %s", (accept, expected) => {
  expect(acceptsEvents(accept)).toBe(expected);
});
