import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { newCommand, runCommand } from "@sepal/command-line";
import { hashPassword } from "../password.ts";
import { fail, namedLineCommand } from "./named-line-command.ts";

/** Shortest password, in characters: NIST SP 800-63B asks for 8 at least and 15 where it stands alone. */
const MIN_LENGTH = 12;

/** How long a piped password is waited for before standard error says so, in milliseconds. */
const NOTICE_MS = 2000;

/** Reads a line: a piped one as it is, a typed one without showing it. */
async function readPassword(): Promise<string> {
  const terminal = process.stdin.isTTY;
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (terminal) process.stderr.write("password: ");
  const notice = setTimeout(() => {
    if (!terminal) console.error("waiting for the password, a line on standard input");
  }, NOTICE_MS);
  const lines = createInterface({ input: process.stdin, output: hidden, terminal });
  const password = await new Promise<string | undefined>((resolve) => {
    lines.once("line", resolve).once("close", () => resolve(undefined));
  });
  lines.close();
  clearTimeout(notice);
  if (terminal) process.stderr.write("\n");
  return password ?? fail("no password was given: type it, or give it as a line on standard input");
}

/** The command `users:add`. */
export const addUserCommand = () =>
  namedLineCommand(
    "users:add",
    `Adds a user, or gives one a new password; older tokens end. The password, of ${MIN_LENGTH} characters or more, is asked for in a terminal and is a line on standard input elsewhere.`,
    "USERS_FILE",
    async (name, change) => {
      const password = await readPassword();
      if (password.length < MIN_LENGTH) fail(`a password has at least ${MIN_LENGTH} characters`);
      const replaced = await change(await hashPassword(password));
      const what = replaced ? "has a new password; older tokens end" : "can log in";
      console.error(`${name} ${what}, within a second on running servers`);
    },
  );

/** The command `users:remove`. */
export const removeUserCommand = () =>
  namedLineCommand(
    "users:remove",
    "Removes a user; the user's tokens end.",
    "USERS_FILE",
    async (name, change) => {
      if (!(await change(undefined))) fail(`there is no user ${name}`);
      console.error(`${name} is out, tokens included, within a second`);
    },
  );

if (import.meta.main) {
  const commands = newCommand("pnpm", "Users, in USERS_FILE.")
    .addCommand(addUserCommand().alias("add"))
    .addCommand(removeUserCommand().alias("remove"));
  await runCommand(commands);
}
