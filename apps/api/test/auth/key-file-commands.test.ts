import { spawnSync } from "node:child_process";
import {
  chmod,
  chown,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { identityCommand } from "../support/identity-command.ts";
import { send } from "../support/json-request.ts";

/** The user and group that own nothing. */
const NOBODY = { uid: 65_534, gid: 65_534 };

/** Whether a server can be started as another user: the tests run as root, and that user may read the workspace. */
const changesUser =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ["-e", "require('node:fs').readFileSync('package.json')"], NOBODY)
    .status === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-key-commands-"));
});
afterAll(() => rm(folder, { recursive: true }));

const namesIn = async (path: string) =>
  (await readFile(path, "utf8"))
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(":")[0]);

describe("commands on a key file", () => {
  test("take over what a killed command left: its draft and its lock", async () => {
    const place = await mkdtemp(join(folder, "left-"));
    const API_KEYS_FILE = join(place, "keys");
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    await writeFile(`${API_KEYS_FILE}.new`, "half a li");
    await writeFile(`${API_KEYS_FILE}.lock`, `${pid} ${hostname()} left-by-a-killed-command`);
    const done = await Promise.all(
      ["a", "b", "c"].map((name) => identityCommand(["keys", "add", name], { API_KEYS_FILE })),
    );
    expect(done.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(await namesIn(API_KEYS_FILE))).toEqual(new Set(["a", "b", "c"]));
    expect(await readdir(place)).toEqual(["keys"]);
  });

  test("keep mode, comments and blank lines of the file", async () => {
    const API_KEYS_FILE = join(folder, "commented");
    await writeFile(API_KEYS_FILE, "# who calls\n\n");
    await chmod(API_KEYS_FILE, 0o640);
    await identityCommand(["keys", "add", "ci"], { API_KEYS_FILE });
    expect(await readFile(API_KEYS_FILE, "utf8")).toMatch(/^# who calls\n\nci:sha256:\w{64}\n$/);
    expect((await stat(API_KEYS_FILE)).mode & 0o7777).toBe(0o640);
  });

  test("change the file behind a link, and the link stays", async () => {
    const [file, API_KEYS_FILE] = [join(folder, "real"), join(folder, "link")];
    await writeFile(file, "");
    await symlink("real", API_KEYS_FILE);
    expect((await identityCommand(["keys", "add", "ci"], { API_KEYS_FILE })).code).toBe(0);
    expect((await lstat(API_KEYS_FILE)).isSymbolicLink()).toBe(true);
    expect(await namesIn(file)).toEqual(["ci"]);
    await rm(file);
    const { code, errors } = await identityCommand(["keys", "add", "ci"], { API_KEYS_FILE });
    expect(code).toBe(1);
    expect(errors).toMatch(/^sepal: .* is a link to a file that does not exist; create that file/);
  });

  test("that find no such key leave the file as it is", async () => {
    const API_KEYS_FILE = join(folder, "untouched");
    await identityCommand(["keys", "add", "ci"], { API_KEYS_FILE });
    const { ino } = await stat(API_KEYS_FILE);
    const { code, errors } = await identityCommand(["keys", "revoke", "cd"], { API_KEYS_FILE });
    expect([code, errors]).toEqual([1, "sepal: there is no key of cd\n"]);
    expect((await stat(API_KEYS_FILE)).ino).toBe(ino);
  });
});

// Skipped where the tests do not run as root, or another user cannot read this workspace.
describe.skipIf(!changesUser)("a key file of the server's user that root changes", () => {
  test("keeps owner and mode, and the server follows", async () => {
    const place = await mkdtemp(join(folder, "owned-"));
    await chmod(folder, 0o755);
    const API_KEYS_FILE = join(place, "keys");
    const { output: key } = await identityCommand(["keys", "add", "first"], { API_KEYS_FILE });
    await chmod(API_KEYS_FILE, 0o600);
    for (const path of [place, API_KEYS_FILE]) await chown(path, NOBODY.uid, NOBODY.gid);
    const variables = { API_KEYS_FILE, DATA_DIR: join(place, "data"), IDENTITY_FILE_GRACE_S: "1" };
    await using api = await startApi({ variables, user: NOBODY });
    const statusWith = async (credential: string) =>
      (await send(`${api.url}/predict`, requestOf(GOOD, { "x-api-key": credential }))).status;
    expect(await statusWith(key)).toBe(200);

    const { output: second } = await identityCommand(["keys", "add", "second"], { API_KEYS_FILE });
    const { uid, gid, mode } = await stat(API_KEYS_FILE);
    expect({ uid, gid, mode: mode & 0o7777 }).toEqual({ ...NOBODY, mode: 0o600 });
    await eventually(async () => (await statusWith(second)) === 200, "the added key is taken");
    await identityCommand(["keys", "revoke", "first"], { API_KEYS_FILE });
    await eventually(async () => (await statusWith(key)) === 401, "the revoked key is rejected");
    expect(await statusWith(second)).toBe(200);

    // A mode that takes the file from the server is a change too.
    await chown(API_KEYS_FILE, 0, 0);
    await eventually(async () => (await statusWith(second)) === 503, "closed");
    expect((await send(`${api.url}/health`)).body.faults[0].reason).toMatch(/\(EACCES\)/);
    await chown(API_KEYS_FILE, NOBODY.uid, NOBODY.gid);
    await eventually(async () => (await statusWith(second)) === 200, "open again");
  });

  test("is not changed by a user who cannot keep its owner", async () => {
    const place = await mkdtemp(join(folder, "other-"));
    await chmod(place, 0o777);
    const API_KEYS_FILE = join(place, "keys");
    await identityCommand(["keys", "add", "first"], { API_KEYS_FILE });
    await chmod(API_KEYS_FILE, 0o644);
    const before = await readFile(API_KEYS_FILE, "utf8");
    const command = ["keys", "revoke", "first"] as const;
    const { code, errors } = await identityCommand(command, { API_KEYS_FILE }, "", NOBODY);
    expect(code).toBe(1);
    expect(errors).toMatch(/is not changed: its owner 0:0 cannot be kept; run the command as that/);
    expect(await readFile(API_KEYS_FILE, "utf8")).toBe(before);
    expect(await readdir(place)).toEqual(["keys"]);
  });
});
