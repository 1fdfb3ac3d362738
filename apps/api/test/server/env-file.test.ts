import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, runApi, startApi } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const KEY = "a-key-of-the-test-0";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-env-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A folder with this `.env`. */
async function folderWith(content: string | Buffer | undefined): Promise<string> {
  const path = await mkdtemp(join(folder, "cwd-"));
  if (content === undefined) await mkdir(join(path, ".env"));
  else await writeFile(join(path, ".env"), content);
  return path;
}

/** Runs a program of the workspace in a folder; gives its exit code and the lines of standard error. */
async function runIn(cwd: string, [main = "", ...args]: readonly string[]) {
  const env = { PATH: process.env["PATH"], API_KEYS_FILE: join(cwd, "keys") };
  const child = spawn(process.execPath, [join(root, main), ...args], { cwd, env });
  const closed = once(child, "close");
  child.stdin.end("a long password of a user\n");
  child.stdout.resume();
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await closed;
  return { code: child.exitCode, lines: errors.split("\n").slice(0, -1) };
}

const assignment = `API_KEYS=${KEY}\n`;

describe("a guarded server does not start open because of its .env", () => {
  test.each([
    ["a byte order mark", `\uFEFF${assignment}`, /^sepal: \.env line 1: .*mark, so API_KEYS would/],
    [
      "UTF-16",
      Buffer.from(`\uFEFF${assignment}`, "utf16le"),
      /^sepal: \.env line 1: .*UTF-16, so API_KEYS/,
    ],
    ["Latin-1", Buffer.from("# ä\nPORT=0", "latin1"), /^sepal: \.env line 1: the byte 0xE4 is not/],
    [
      "API_KEY=",
      `PORT=0\nAPI_KEY=${KEY}`,
      /^sepal: \.env line 2: API_KEY is no .* API_KEYS is meant$/,
    ],
    ["api_keys=", `api_keys=${KEY}`, /^sepal: \.env line 1: api_keys is no .* API_KEYS is meant$/],
    [
      "API_KEYS: x",
      `API_KEYS: ${KEY}`,
      /^sepal: \.env line 1: it is no assignment; API_KEYS is meant/,
    ],
    ["a folder", undefined, /^sepal: \.env cannot be read: it is a folder/],
    ["a lost line", `RATE_LIMIT= \n${assignment}`, /^sepal: \.env line 1: remove the white space/],
    ["keys without a key", "API_KEYS=,", /^sepal: API_KEYS must be keys of 16 or more/],
  ])("%s", async (_name, content, line) => {
    const { code, lines } = await runApi({ cwd: await folderWith(content) });
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect(code).toBe(1);
    expect(lines.join()).not.toContain(KEY);
  });

  test.each([
    ["the playground", ["apps/web/main.ts", "start"]],
    ["start", ["scripts/start.ts"]],
    ["dev", ["scripts/dev.ts"]],
    ["keys:add", ["apps/api/src/auth/commands/keys.ts", "add", "ci"]],
    ["users:add", ["apps/api/src/auth/commands/users.ts", "add", "ada"]],
    ["models:rollback", ["packages/sepal/src/roll-back-model.ts", "iris-mlp"]],
  ])("nor does %s", async (_name, command) => {
    const cwd = await folderWith(`API_KEY=${KEY}\n`);
    const { code, lines } = await runIn(cwd, command);
    expect(lines).toEqual([
      expect.stringMatching(/^[\w:]+: \.env line 1: API_KEY is no setting; API_KEYS is meant$/),
    ]);
    expect(code).toBe(1);
  });
});

test("a good .env guards the server, values of several lines included", async () => {
  const text = `export API_KEYS="first:${KEY},\nsecond:${KEY}2"\nMODELS_DIR='${join(root, "models")}' # here\n`;
  await using api = await startApi({ cwd: await folderWith(text) });
  const statusWith = async (headers: Record<string, string>) =>
    (await send(`${api.url}/predict`, requestOf(GOOD, headers))).status;
  expect(await statusWith({})).toBe(401);
  expect(await statusWith({ "x-api-key": `${KEY}2` })).toBe(200);
});

describe("in the environment", () => {
  test.each(["API_KEY", "apikeys", "ADMIN_KEY", "JWT_KEY", "USER_FILE"])(
    "%s ends the start where nothing says who may call",
    async (name) => {
      const { code, lines } = await runApi({ variables: { [name]: KEY } });
      expect(lines).toEqual([
        expect.stringMatching(
          new RegExp(`^sepal: ${name} is no setting, [A-Z_]+ is meant; without it everybody would`),
        ),
      ]);
      expect(code).toBe(1);
    },
  );

  test("a misspelled setting is one warning, and of identity where callers are known", async () => {
    const variables = { API_KEYS: KEY, API_KEY: KEY, LOGLEVEL: "debug", MY_OWN: "1", WORKERS: "2" };
    await using api = await startApi({ variables, ready: false });
    const warnings = () =>
      api.log.filter(({ msg }) => String(msg).endsWith("looks like a setting and is none"));
    await eventually(() => warnings().length === 2, "two warnings");
    expect(warnings().map(({ level, name, meant }) => [level, name, meant])).toEqual([
      ["warn", "API_KEY", "API_KEYS"],
      ["warn", "LOGLEVEL", "LOG_LEVEL"],
    ]);
    expect(JSON.stringify(api.log)).not.toContain(KEY);
  });
});
