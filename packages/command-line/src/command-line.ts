import { Command, InvalidArgumentError } from "commander";

export { InvalidArgumentError, type Command } from "commander";

/** Programs that a command may belong to; one that belongs to none is a script of pnpm. */
const PROGRAMS = new Set(["pnpm", "sepal"]);

/** How a command is called, such as `pnpm loadtest course` or `sepal models add`. */
export function callOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return (PROGRAMS.has(names[0] ?? "") ? names : ["pnpm", ...names]).join(" ");
}

const usageOf = (command: Command): string => `${callOf(command)} ${command.usage()}`;

/** The start of each line about a command, such as `loadtest course`. */
const prefixOf = (command: Command): string => callOf(command).replace(/^pnpm /, "");

/**
 * A command that prints `--help` and exits on an invalid call before anything starts, with one line on standard error.
 *
 * `wrongCall` is the exit code of a wrong call: 2, where that means nothing else. An action fails with
 * `command.error(message)` or by throwing, both with 1.
 */
export function newCommand(name: string, description: string, wrongCall = 2): Command {
  const command = new Command(name);
  return command
    .description(description)
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .allowExcessArguments(false)
    .configureHelp({ commandUsage: usageOf })
    .configureOutput({
      outputError(text, write) {
        // Commander's own errors begin so, and have a proposal in a second line.
        const [, wrong] = /^error: (.*?)\.?$/s.exec(text.trim().replaceAll("\n", " ")) ?? [];
        const line =
          wrong === undefined ? text.trim() : `${wrong}; usage: ${usageOf(command)}, see --help`;
        write(`${prefixOf(command)}: ${line}\n`);
      },
    })
    .exitOverride(({ code, exitCode }) => {
      process.exit(exitCode === 0 || code === "commander.error" ? exitCode : wrongCall);
    });
}

/** Reads a whole number from `least` to `most`, as the parser of an option. */
export function wholeNumber(least = 1, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least}` : `${least} to ${most}`;
    throw new InvalidArgumentError(`Give a whole number from ${range}`);
  };
}

/** Reads one of some names, as the parser of an option; `read` returns `undefined` for any other. */
export function oneOf<T>(
  names: readonly string[],
  read: (name: string) => T | undefined,
): (text: string) => T {
  return (text) => {
    const value = read(text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Give one of ${names.join(", ")}`);
  };
}

/** Reads a port, as the parser of an option. */
export const port = wholeNumber(1, 65_535);

/** Runs a command with the arguments of this process; where it fails, prints one line and exits with 1. */
export async function runCommand(command: Command): Promise<void> {
  try {
    await command.parseAsync(process.argv.slice(2), { from: "user" });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${prefixOf(command)}: ${reason}\n`);
    process.exit(1);
  }
}
