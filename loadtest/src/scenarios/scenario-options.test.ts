import { expect, test } from "vitest";
import { readScenarioOptions } from "./scenario-options.ts";

const defaults = { duration: 5, port: 18_390 };

test("what is not given keeps its default", () => {
  expect(readScenarioOptions(["--duration", "7"], defaults)).toEqual({ ...defaults, duration: 7 });
});

test.each([
  [["--duration", "0"], '--duration is a whole number above 0, not "0"'],
  [["--duration", "1e3"], '--duration is a whole number above 0, not "1e3"'],
  [["--duration"], "--duration"],
  [["--port", "70000"], "--port is at most 65535, not 70000"],
  [["--rate", "5"], "Unknown option '--rate'; the options are --duration, --port"],
  [["more"], "Unexpected argument 'more'"],
])("%j is refused in one line", (args, message) => {
  expect(() => readScenarioOptions(args, defaults)).toThrow(message);
  try {
    readScenarioOptions(args, defaults);
  } catch (error) {
    expect(String(error)).not.toContain("\n");
  }
});
