import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { run } from "./run.ts";

/** What `pnpm test` tries in short, at full size; in the order of their length. */
const STEPS: Readonly<
  Record<string, { command: readonly string[]; variables?: NodeJS.ProcessEnv }>
> = {
  fidelity: {
    command: [
      "vitest",
      "run",
      "--project",
      "unit",
      "--project",
      "wire",
      "packages/model/src/scoring/fidelity.test.ts",
      "apps/web/test/fidelity.test.ts",
    ],
    variables: { FIDELITY_TABLES: "20000" },
  },
  deep: { command: ["vitest", "run", "--project", "deep*"] },
  "full size": {
    command: ["vitest", "run", "--project", "unit", "--project", "wire"],
    variables: { TEST_SIZE: "full" },
  },
  browser: {
    command: [process.execPath, "scripts/browser-tests.ts"],
    variables: { TEST_SIZE: "full" },
  },
  fuzz: { command: [process.execPath, "scripts/fuzz.ts"] },
  "oip clients": { command: [process.execPath, "loadtest/src/conformance.ts", "oip:clients"] },
  sdks: { command: [process.execPath, "sdks/src/sdks.ts"] },
  schemathesis: {
    command: [process.execPath, "loadtest/src/conformance.ts", "fuzz:schemathesis"],
  },
  rows: { command: [process.execPath, "loadtest/src/loadtest.ts", "rows"] },
  soak: { command: [process.execPath, "loadtest/src/loadtest.ts", "soak"] },
  faults: { command: [process.execPath, "loadtest/src/loadtest.ts", "faults"] },
};

const NAMES = Object.keys(STEPS);

/** The command `test:deep`. */
export function testDeepCommand(): Command {
  return newCommand(
    "test:deep",
    `Runs at full size what the tests try in short, two hours in all: ${NAMES.join(", ")}. Needs python3 and the network.`,
  )
    .argument("[names...]", "parts to run (default: all)")
    .action(async (names: readonly string[], _options: object, command: Command) => {
      const unknown = names.find((name) => !NAMES.includes(name));
      if (unknown !== undefined) {
        command.error(`there is no part "${unknown}"; there are ${NAMES.join(", ")}`);
      }
      const failed: string[] = [];
      const chosen = names.length === 0 ? NAMES : names;
      for (const name of chosen) {
        const step = STEPS[name];
        if (step !== undefined && (await run(step.command, step.variables)) !== 0)
          failed.push(name);
      }
      console.log(
        `${chosen.length - failed.length} passed, ${failed.length} failed ${failed.join(", ")}`.trimEnd(),
      );
      process.exitCode = failed.length === 0 ? 0 : 1;
    });
}

if (import.meta.main) await runCommand(testDeepCommand());
