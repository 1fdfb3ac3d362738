import { CALLER_NAME, setNamedLine } from "../named-lines.ts";
import { readSettingsOrExit } from "../../settings/settings.ts";

/** Ends the command with one line, the reason. */
export function fail(message: string): never {
  console.error(`sepal: ${message}`);
  process.exit(1);
}

/** What a command on a file of keys or users was called with: `<action> <name>`, and the file that a setting names. */
export function readCommand(
  setting: "API_KEYS_FILE" | "USERS_FILE",
  usage: string,
): { readonly action: string; readonly name: string; readonly file: string } {
  const [action = "", name = "", ...more] = process.argv.slice(2);
  if (name === "" || more.length > 0) fail(`usage: ${usage}`);
  if (!CALLER_NAME.test(name)) {
    fail("a name has up to 64 letters, digits and _.@+-, and starts with a letter or a digit");
  }
  const file = readSettingsOrExit()[setting];
  return { action, name, file: file ?? fail(`set ${setting} to the file that is to be written`) };
}

/** Puts a value under a name in the file, or takes the name out; returns whether it was there. Ends the command where the file cannot be changed. */
export async function changeLine(
  file: string,
  name: string,
  value: string | undefined,
): Promise<boolean> {
  try {
    return await setNamedLine(file, name, value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(`${file} is not changed: ${reason}`);
  }
}
