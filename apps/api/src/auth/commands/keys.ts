import { randomBytes } from "node:crypto";
import { newCommand, runCommand } from "@sepal/command-line";
import { keyFileValue } from "../key-index.ts";
import { fail, namedLineCommand } from "./named-line-command.ts";

/** The command `keys:add`. */
export const addKeyCommand = () =>
  namedLineCommand(
    "keys:add",
    "Makes a caller's key and prints it, this once; a key of the same name ends.",
    "API_KEYS_FILE",
    async (name, change) => {
      const key = `sepal_${randomBytes(32).toString("base64url")}`;
      const replaced = await change(keyFileValue(key));
      const what = replaced ? `a new key of ${name}; its old one ends` : `a key of ${name}`;
      console.error(`${what}; it is shown this once, and running servers take it within a second:`);
      console.log(key);
    },
  );

/** The command `keys:revoke`. */
export const revokeKeyCommand = () =>
  namedLineCommand("keys:revoke", "Ends a caller's key.", "API_KEYS_FILE", async (name, change) => {
    if (!(await change(undefined))) fail(`there is no key of ${name}`);
    console.error(`the key of ${name} ends within a second`);
  });

if (import.meta.main) {
  const commands = newCommand("pnpm", "Keys of callers, in API_KEYS_FILE.")
    .addCommand(addKeyCommand().alias("add"))
    .addCommand(revokeKeyCommand().alias("revoke"));
  await runCommand(commands);
}
