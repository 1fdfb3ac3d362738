import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { FULL } from "../apps/api/test/support/sized.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(`${ROOT}package.json`, "utf8"),
);

/** Scripts that are one program of Sepal; the server takes no arguments. */
const COMMANDS = Object.entries(scripts).filter(
  ([name, line]) => line.startsWith("node ") && !line.includes("&&") && name !== "start:api",
);

/** Runs a script with one more argument, without a terminal. */
function call(line: string, argument: string) {
  const [, ...args] = line.split(" ");
  return new Promise<{ code: number; output: string; errors: string }>((resolve) => {
    const options = { cwd: ROOT, timeout: 150_000 };
    const child = execFile(
      process.execPath,
      [...args, argument],
      options,
      (error, output, errors) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), output, errors });
      },
    );
    child.stdin?.end();
  });
}

/** Commands that are given a wrong option in short: with a required one, with arguments, and with neither. */
const IN_SHORT = new Set(["models:add", "score", "check"]);

/** `test:faults` and `test:rows` are experiments of `loadtest`. */
const usageOf = (name: string) =>
  /^test:(?:faults|rows)$/.test(name) ? name.replace("test:", "loadtest ") : name;

describe.concurrent.each(COMMANDS)("%s", (name, line) => {
  test("shows its usage at --help and starts nothing", async () => {
    const { code, output, errors } = await call(line, "--help");
    expect(output).toMatch(new RegExp(`^Usage: pnpm ${usageOf(name)} .*\n\n\\w`));
    expect([code, errors]).toEqual([0, ""]);
  });

  // Playwright knows its own options.
  if (!(FULL || IN_SHORT.has(name)) || name === "test:e2e") return;
  test("rejects an option it does not know in one line", async () => {
    const { code, output, errors } = await call(line, "--no-such-option");
    // Commander looks for what is required first.
    const wrong = name === "models:add" ? "required option" : "unknown option '--no-such-option'";
    expect(errors).toMatch(new RegExp(`^\\S.*: ${wrong}.*; usage: pnpm ${usageOf(name)} .*\n`));
    const saysMore = name === "models:add" ? ["Nothing was written."] : [];
    expect(errors.trim().split("\n").slice(1)).toEqual(saysMore);
    const promised = /^(?:score|models:|keys:|users:)/.test(name) ? 1 : 2;
    expect([code, output]).toEqual([promised, ""]);
  });
});
