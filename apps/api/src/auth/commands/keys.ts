import { randomBytes } from "node:crypto";
import { keyFileValue } from "../key-index.ts";
import { changeLine, fail, readCommand } from "./read-command.ts";

const { action, name, file } = readCommand("API_KEYS_FILE", "keys:add <name>, keys:revoke <name>");
if (action === "add") {
  const key = `sepal_${randomBytes(32).toString("base64url")}`;
  const replaced = await changeLine(file, name, keyFileValue(key));
  const what = replaced ? `a new key of ${name}; its old one ends` : `a key of ${name}`;
  console.error(`${what}; it is shown this once, and running servers take it within a second:`);
  console.log(key);
} else if (!(await changeLine(file, name, undefined))) fail(`there is no key of ${name}`);
else console.error(`the key of ${name} ends within a second`);
