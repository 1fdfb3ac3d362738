import { newCommand } from "@sepal/command-line";
import { expect, test } from "vitest";
import { loadtestCommand, type Call } from "./loadtest.ts";
import { addNumbers, numbersOf } from "./options.ts";

/** What a command line of `loadtest` starts, or its complaint and exit code. */
async function call(...args: string[]): Promise<Call | { output: string; code: number }> {
  let started: Call | undefined;
  let output = "";
  const program = loadtestCommand(async (call) => void (started = call));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeErr: (text) => (output += text),
      writeOut: (text) => (output += text),
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    return { output, code: Number(Object(error).exitCode) };
  }
  if (started === undefined) throw new Error("nothing was started");
  return started;
}

test("options that are not given keep their defaults, and the course needs no name", async () => {
  expect(await call("half-load", "--duration", "7")).toMatchObject({
    experiment: { name: "half-load" },
    options: { duration: 7, connections: 256, repeats: 3, port: 18_390 },
    publish: false,
  });
  expect(await call("--duration", "2", "--publish")).toMatchObject({
    experiment: { name: "course" },
    options: { duration: 2, connections: 100 },
    publish: true,
  });
  expect(await call("course")).toMatchObject({ experiment: { name: "course" } });
  expect(await call("faults", "apps/api/faults/frame")).toMatchObject({
    args: ["apps/api/faults/frame"],
  });
});

test.each([
  [["half-load", "--duration", "0"], "Give a whole number from 1"],
  [["half-load", "--duration", "1e3"], "Give a whole number from 1"],
  [["half-load", "--duration"], "argument missing"],
  [["half-load", "--port", "70000"], "Give a whole number from 1 to 65535"],
  [["half-load", "--rate", "5"], "unknown option '--rate'"],
  [["half-load", "--duratoin", "5"], "Did you mean --duration?"],
  [["half-load", "more"], "too many arguments"],
  [
    ["half-lode"],
    'there is no experiment "half-lode"; there are: course, fresh-start, half-load, isolation,',
  ],
])("%j starts nothing", async (args, message) => {
  expect(await call(...args)).toMatchObject({ output: expect.stringContaining(message) });
});

test("a seed without a default is drawn, and a given one kept", async () => {
  const specs = { seed: ["random", "seed"] } as const;
  const command = addNumbers(newCommand("test", ""), specs);
  command.parse([], { from: "user" });
  expect(numbersOf(command, specs).seed).toBeGreaterThan(0);
  command.parse(["--seed", "5"], { from: "user" });
  expect(numbersOf(command, specs)).toEqual({ seed: 5 });
});
