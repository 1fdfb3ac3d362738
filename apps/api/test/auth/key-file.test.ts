import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, runApi, startApi, type ApiProcess } from "../support/api-process.ts";
import { identityCommand } from "../support/identity-command.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";
import { PASSWORD, SECRET } from "../support/user-server.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-keys-"));
});
afterAll(() => rm(folder, { recursive: true }));

const statusWith = async (url: string, key: string) =>
  (await send(`${url}/predict`, requestOf(GOOD, { "x-api-key": key }))).status;

/** Replaces a file at once: the server reads every second and must see neither an empty file nor half of one. */
async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.draft`, text);
  await rename(`${path}.draft`, path);
}

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

describe("a key file that cannot be used any more", () => {
  const faultAt = async (url: string) => {
    const { status, body } = await send(url);
    expect(status).toBe(200);
    return body.faults?.[0];
  };
  /** Waits until both health routes report a fault, or none, and returns that of `/health`. */
  const reported = async ({ url }: ApiProcess, { fault }: { fault: boolean }) => {
    for (const path of ["/health", "/health/ready"]) {
      await eventually(
        async () => ((await faultAt(url + path)) !== undefined) === fault,
        `${path} reports ${fault ? "a" : "no"} fault`,
      );
    }
    return faultAt(`${url}/health`);
  };
  const logged = (api: ApiProcess, message: RegExp) =>
    api.log.filter((line) => message.test(String(line["msg"]))).map(({ reason }) => String(reason));

  test("keeps its keys for the grace time and reports the fault", async () => {
    const API_KEYS_FILE = join(folder, "spoilt");
    const { output: key } = await identityCommand(["keys", "add", "ci"], { API_KEYS_FILE });
    await using api = await startApi({ variables: { API_KEYS_FILE } });
    expect(await faultAt(`${api.url}/health`)).toBeUndefined();
    await replace(API_KEYS_FILE, `# comment\n\nci:${key}\n`);
    expect(await reported(api, { fault: true })).toEqual({
      setting: "API_KEYS_FILE",
      reason: expect.stringMatching(
        /^line 3 is not a name, a colon and a hash; what it said before holds for \d+ s$/,
      ),
    });
    await eventually(() => logged(api, /holds for the grace time/).length > 0, "the log says so");
    expect(logged(api, /holds for the grace time/)).toEqual([
      "line 3 is not a name, a colon and a hash",
    ]);
    expect(JSON.stringify(api.log)).not.toContain(key);
    expect(await statusWith(api.url, key)).toBe(200);
    await replace(API_KEYS_FILE, "");
    await eventually(async () => (await statusWith(api.url, key)) === 401, "no key is left");
    await reported(api, { fault: false });
  });

  // They wait for seconds and compute little.
  test.concurrent.each([
    ["is removed", (path: string) => rm(path), /^it cannot be read \(ENOENT\)/],
    [
      "names a caller twice",
      async (path: string) => replace(path, (await readFile(path, "utf8")).repeat(2)),
      /^line 2 repeats the name of an earlier line/,
    ],
    [
      "hangs",
      async (path: string) => {
        await rm(path);
        spawnSync("mkfifo", [path]);
      },
      /^reading takes more than 5 s/,
    ],
  ])("fails closed after the grace time where it %s", async (name, spoil, reason) => {
    const API_KEYS_FILE = join(folder, name);
    const { output: key } = await identityCommand(["keys", "add", "ci"], { API_KEYS_FILE });
    const good = await readFile(API_KEYS_FILE, "utf8");
    const ADMIN_KEYS = "ops:an-admin-key-of-the-test";
    const variables = { API_KEYS_FILE, ADMIN_KEYS, IDENTITY_FILE_GRACE_S: "1" };
    await using api = await startApi({ variables });
    expect(await statusWith(api.url, key)).toBe(200);
    await spoil(API_KEYS_FILE);
    await eventually(async () => (await statusWith(api.url, key)) === 503, "closed");
    const refused = await send(`${api.url}/predict`, requestOf(GOOD, { "x-api-key": key }));
    expect(refused.body.detail).toBe(
      "the credential cannot be verified: the server cannot use its API_KEYS_FILE",
    );
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await statusWith(api.url, "a-key-that-nobody-has")).toBe(503);
    expect((await send(`${api.url}/predict`, requestOf(GOOD))).status).toBe(401);
    expect(await statusWith(api.url, "an-admin-key-of-the-test")).toBe(200);
    const fault = await faultAt(`${api.url}/health`);
    expect(fault.reason).toMatch(reason);
    expect(fault.reason).toMatch(/; nobody is let in by this file$/);
    await eventually(
      () => logged(api, /nobody is let in/).length === 1,
      "the log says that it closed",
    );
    if (name === "hangs") return;
    await replace(API_KEYS_FILE, good);
    await eventually(async () => (await statusWith(api.url, key)) === 200, "open again");
    await eventually(() => logged(api, /^can be used again$/).length === 1, "the log says so");
    await reported(api, { fault: false });
  });
});

test("a user file that cannot be used fails closed for logins and for tokens", async () => {
  const USERS_FILE = join(folder, "users-spoilt");
  const variables = { USERS_FILE, JWT_SECRET: SECRET, IDENTITY_FILE_GRACE_S: "1" };
  await identityCommand(["users", "add", "ada"], variables, `${PASSWORD}\n`);
  await using api = await startApi({ variables });
  const body = { username: "ada", password: PASSWORD };
  const login = () => send(`${api.url}/login`, requestOf(body));
  const token: string = (await login()).body.access_token;
  const predict = () =>
    send(`${api.url}/predict`, requestOf(GOOD, { authorization: `Bearer ${token}` }));
  expect((await predict()).status).toBe(200);
  await rm(USERS_FILE);
  await eventually(async () => (await predict()).status === 503, "closed");
  expect((await predict()).body.detail).toMatch(/cannot use its USERS_FILE$/);
  expect((await login()).status).toBe(503);
  expect((await send(`${api.url}/health`)).body.faults).toEqual([
    { setting: "USERS_FILE", reason: "it cannot be read (ENOENT); nobody is let in by this file" },
  ]);
  await identityCommand(["users", "add", "ada"], variables, `${PASSWORD}\n`);
  await eventually(async () => (await login()).status === 200, "open again");
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
