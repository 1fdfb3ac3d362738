import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, runApi, startApi } from "./api-process.ts";
import { identityCommand } from "./identity-command.ts";
import { GOOD, requestOf } from "./failures.ts";
import { send } from "./json-request.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-keys-"));
});
afterAll(() => rm(folder, { recursive: true }));

const statusWith = async (url: string, key: string) =>
  (await send(`${url}/predict`, requestOf(GOOD, { "x-api-key": key }))).status;

test("keys are added and revoked while two processes serve", async () => {
  const API_KEYS_FILE = join(folder, "keys");
  const variables = { API_KEYS_FILE };
  const first = await identityCommand(["keys", "add", "nightly"], variables);
  expect(first).toMatchObject({ code: 0, output: expect.stringMatching(/^sepal_[\w-]{43}$/) });
  const text = await readFile(API_KEYS_FILE, "utf8");
  expect(text).toMatch(/^nightly:sha256:[\da-f]{64}\n$/);
  expect((await stat(API_KEYS_FILE)).mode & 0o777).toBe(0o600);

  await using api = await startApi({ variables: { ...variables, WORKERS: "2" }, ready: false });
  // Each request may reach either process: both have to say the same, several times over.
  const agree = (key: string, status: number) =>
    eventually(async () => {
      const statuses = await Promise.all(Array.from({ length: 8 }, () => statusWith(api.url, key)));
      return statuses.every((found) => found === status);
    }, `${status} from both processes`);
  await agree(first.output, 200);
  const second = await identityCommand(["keys", "add", "ci@example.org"], variables);
  await agree(second.output, 200);
  expect((await identityCommand(["keys", "revoke", "nightly"], variables)).code).toBe(0);
  await agree(first.output, 401);
  expect(await statusWith(api.url, second.output)).toBe(200);
  const log = JSON.stringify(api.log) + api.errors();
  expect(log).toContain('"caller":"key:ci@example.org"');
  expect(log).not.toContain(first.output);
  expect(log).not.toContain("sha256:");
});

test("a file that becomes unusable leaves the keys it had, and is told", async () => {
  const API_KEYS_FILE = join(folder, "spoilt");
  const { output: key } = await identityCommand(["keys", "add", "ci"], { API_KEYS_FILE });
  await using api = await startApi({ variables: { API_KEYS_FILE } });
  const told = (reason: string) => () =>
    api.log.some((line) => line["file"] === API_KEYS_FILE && String(line["reason"]).match(reason));
  await writeFile(API_KEYS_FILE, `# comment\n\nci:${key}\n`);
  await eventually(told("^line 3 is not a name, a colon and a hash$"), "the fault is told");
  expect(JSON.stringify(api.log)).not.toContain(key);
  expect(await statusWith(api.url, key)).toBe(200);
  await rm(API_KEYS_FILE);
  await eventually(told("no such file"), "the loss is told");
  expect(await statusWith(api.url, key)).toBe(200);
  await writeFile(API_KEYS_FILE, "");
  await eventually(async () => (await statusWith(api.url, key)) === 401, "no key is left");
  await chmod(API_KEYS_FILE, 0o600);
});

test.each([
  [
    "API_KEYS_FILE",
    "absent",
    undefined,
    { WORKERS: "2" },
    /^sepal: API_KEYS_FILE cannot be used: ENOENT/,
  ],
  ["API_KEYS_FILE", "plain", "ci:my-secret-key", {}, /: line 1 is not a name, a colon and a hash$/],
  ["USERS_FILE", "users", "", {}, /^sepal: JWT_SECRET must be set where USERS_FILE is$/],
  [
    "USERS_FILE",
    "md5",
    "ada:$1$abc$def",
    { JWT_SECRET: "s".repeat(32) },
    /^sepal: USERS_FILE cannot be used: line 1 /,
  ],
])("%s that is %s stops the start with one line", async (name, file, text, more, line) => {
  const path = join(folder, file);
  if (text !== undefined) await writeFile(path, text);
  const { code, lines } = await runApi({ variables: { ...more, [name]: path } });
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringMatching(line)]);
});

test.each([
  [["keys", "add", "no colon: please"], {}, /a name has up to 64/],
  [["keys", "add", "ci"], {}, /set API_KEYS_FILE/],
  [
    ["keys", "revoke", "ci"],
    { API_KEYS_FILE: "/nonexistent-folder/keys" },
    /there is no key|ENOENT/,
  ],
  [["users", "add", "ada"], { USERS_FILE: "/tmp/unused" }, /at least 12 characters/],
] as const)("%j with %j says what is wrong", async (args, variables, message) => {
  const { code, errors } = await identityCommand([...args], variables, "short\n");
  expect(code).toBe(1);
  expect(errors).toMatch(message);
});
