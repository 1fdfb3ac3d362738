import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { hashPassword } from "../password.ts";
import { changeLine, fail, readCommand } from "./read-command.ts";

/** Shortest password, in characters: NIST SP 800-63B asks for 8 at least and 15 where it stands alone. */
const MIN_LENGTH = 12;

/** Reads a line: a piped one as it is, a typed one without showing it. */
async function askPassword(): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: hidden,
    terminal: process.stdin.isTTY,
  });
  if (process.stdin.isTTY) process.stderr.write("password: ");
  const password = await lines.question("");
  lines.close();
  if (process.stdin.isTTY) process.stderr.write("\n");
  return password;
}

const { action, name, file } = readCommand("USERS_FILE", "users:add <name>, users:remove <name>");
if (action === "add") {
  const password = await askPassword();
  if (password.length < MIN_LENGTH) fail(`a password has at least ${MIN_LENGTH} characters`);
  const replaced = await changeLine(file, name, await hashPassword(password));
  const what = replaced ? "has a new password; older tokens end" : "can log in";
  console.error(`${name} ${what}, within a second on running servers`);
} else if (!(await changeLine(file, name, undefined))) fail(`there is no user ${name}`);
else console.error(`${name} is out, tokens included, within a second`);
