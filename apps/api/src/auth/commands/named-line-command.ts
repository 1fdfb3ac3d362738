import { InvalidArgumentError, newCommand, type Command } from "@sepal/command-line";
import { readSettingsOrExit } from "../../settings/settings.ts";
import { CALLER_NAME, setNamedLine } from "../credential-file.ts";

/** Ends the command with one line that gives the reason. */
export function fail(message: string): never {
  console.error(`sepal: ${message}`);
  process.exit(1);
}

function readName(text: string): string {
  if (CALLER_NAME.test(text)) return text;
  throw new InvalidArgumentError(
    "a name has up to 64 letters, digits and _.@+-, and starts with a letter or a digit",
  );
}

/** Puts a value under a name in the file, or takes the name out; returns whether it was there. Ends the command where the file cannot be changed. */
async function changeLine(file: string, name: string, value: string | undefined): Promise<boolean> {
  try {
    return await setNamedLine(file, name, value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`${file} is not changed: ${reason}`);
  }
}

/**
 * A command `<name>` on the file of keys or users that a setting names. `run` gets the name and what puts a value
 * under it, or takes it out, and returns whether the name was there.
 */
export function namedLineCommand(
  script: string,
  description: string,
  setting: "API_KEYS_FILE" | "USERS_FILE",
  run: (name: string, change: (value: string | undefined) => Promise<boolean>) => Promise<unknown>,
): Command {
  return newCommand(
    script,
    `${description} Changes the file that the setting ${setting} names; running servers follow within a second.`,
    1,
  )
    .usage("<name>")
    .argument("<name>", "name of the caller", readName)
    .action(async (name: string) => {
      const file =
        readSettingsOrExit()[setting] ?? fail(`set ${setting} to the file that is to be written`);
      await run(name, (value) => changeLine(file, name, value));
    });
}
