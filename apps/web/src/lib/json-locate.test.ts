import { describe, expect, test } from "vitest";
import { locate, syntaxFault } from "./json-locate.ts";

const text = '{ "features": [5.1, -3, "1.4"], "model": {"name": "a,b"} }';

function at(path: (string | number)[], within = text): string | null {
  const span = locate(within, path);
  return span === null ? null : within.slice(span.start, span.end);
}

describe("locate", () => {
  test.each([
    [["features", 1], "-3"],
    [["features", 2], '"1.4"'],
    [["features"], '[5.1, -3, "1.4"]'],
    [["model", "name"], '"a,b"'],
    [[], text],
  ])("finds %j", (path, found) => {
    expect(at(path)).toBe(found);
  });

  test("shows the object that lacks a key", () => {
    expect(at(["model", "version"])).toBe('{"name": "a,b"}');
  });

  test("finds values before the place where a text breaks", () => {
    expect(at(["features", 0], '{"features":[5.1, 3')).toBe("5.1");
  });

  test("finds nothing below a number", () => {
    expect(at(["features", 1, "x"])).toBeNull();
  });
});

describe("syntaxFault", () => {
  test("is null for JSON", () => {
    expect(syntaxFault(text)).toBeNull();
  });

  test("points at a word that JSON does not know", () => {
    const broken = '{"features":[1, NaN]}';
    const fault = syntaxFault(broken);
    expect(broken.slice(fault?.start, fault?.end)).toBe("NaN");
  });

  test("points at the end of a text that stops too early", () => {
    expect(syntaxFault('{"features":[1, 2]')?.start).toBe(17);
  });
});
