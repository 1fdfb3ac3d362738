import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addEnvFile, readEnvFile } from "./env-file.ts";
import { SettingsError } from "./settings-error.ts";

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-env-"));
  file = join(folder, ".env");
});
afterAll(() => rm(folder, { recursive: true }));

const KEY = "a-key-of-the-test-0";

async function linesOf(content: string | Uint8Array): Promise<readonly string[]> {
  await writeFile(file, content);
  try {
    readEnvFile(file);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.lines.map((line) => line.replace(`${file} `, ""));
  }
}

test("reads what Node.js reads: quotes, exports, comments, values of several lines", async () => {
  const text = [
    "# who calls",
    "",
    `  export API_KEYS = ci:${KEY} # the pipeline`,
    "RATE_LIMIT='5/minute'",
    'OTEL_RESOURCE_ATTRIBUTES="a=b',
    "no assignment",
    'API_KEY=c" # ends',
    "PORT=`9000`",
    "HOST=",
    "TZ=Europe/Berlin",
    "",
  ];
  for (const end of ["\n", "\r\n"]) {
    await writeFile(file, text.join(end));
    expect(readEnvFile(file)).toEqual({
      API_KEYS: `ci:${KEY}`,
      RATE_LIMIT: "5/minute",
      OTEL_RESOURCE_ATTRIBUTES: "a=b\nno assignment\nAPI_KEY=c",
      PORT: "9000",
      HOST: "",
      TZ: "Europe/Berlin",
    });
  }
});

test("the environment wins, and a file that does not exist sets nothing", async () => {
  await writeFile(file, "PORT=1\nHOST=b\nWORKERS=3");
  const environment: NodeJS.ProcessEnv = { PORT: "2", HOST: "" };
  addEnvFile(file, environment);
  expect(environment).toEqual({ PORT: "2", HOST: "", WORKERS: "3" });
  expect(readEnvFile(join(folder, "none"))).toEqual({});
});

test.each([
  ["API_KEY", "API_KEYS"],
  ["APIKEYS", "API_KEYS"],
  ["api_keys", "API_KEYS"],
  ["Api_Keys", "API_KEYS"],
  ["SEPAL_API_KEY", "API_KEYS"],
  ["API_KEYS_FIEL", "API_KEYS_FILE"],
  ["API_KEY_FILE", "API_KEYS_FILE"],
  ["ADMIN_KEY", "ADMIN_KEYS"],
  ["JWT_KEY", "JWT_SECRET"],
  ["JWT_SECERT", "JWT_SECRET"],
  ["USER_FILE", "USERS_FILE"],
  ["RATELIMIT", "RATE_LIMIT"],
  ["CORS_ORIGIN", "CORS_ORIGINS"],
  ["WEB_PROT", "WEB_PORT"],
  ["prot", "PORT"],
  ["SEPAL_PORT", "PORT"],
])("%s is refused, and %s is named", async (name, meant) => {
  expect(await linesOf(`# first\n${name}=${KEY}\n`)).toEqual([
    `line 2: ${name} is no setting; ${meant} is meant`,
  ]);
});

test.each([
  [`API_KEYS: ${KEY}`, "line 1: it is no assignment; API_KEYS is meant: write API_KEYS=value"],
  [`api-keys = ${KEY}`, "line 1: it is no assignment; API_KEYS is meant: write API_KEYS=value"],
  [`API_KEYS ${KEY}`, "line 1: it is no assignment; API_KEYS is meant: write API_KEYS=value"],
  [`\u00A0API_KEYS=${KEY}`, "line 1: it is no assignment; API_KEYS is meant: write API_KEYS=value"],
  [`=${KEY}`, "line 1: it is no assignment such as PORT=8000, no comment and not empty"],
  [KEY, "line 1: it is no assignment such as PORT=8000, no comment and not empty"],
  ["FAVOURITE_COLOUR=red", "line 1: FAVOURITE_COLOUR is no setting; docs/settings.md lists them"],
  [`PORT=\nAPI_KEYS=${KEY}\nAPI_KEYS=`, "line 3: it sets API_KEYS again, after line 2"],
  [`RATE_LIMIT= \nAPI_KEYS=${KEY}`, "line 1: remove the white space after RATE_LIMIT="],
  [`API_KEYS=#${KEY}`, "line 1: the value of API_KEYS is a comment; put it into quotes"],
  [
    `RATE_LIMIT="5/minute\nAPI_KEYS="${KEY}"`,
    "line 1: text follows the closing quote of RATE_LIMIT in line 2",
  ],
  [`PORT=1\rAPI_KEYS=${KEY}`, /a carriage return without a line feed ends no line/],
])("%j is refused", async (text, line) => {
  const lines = await linesOf(text);
  expect(lines).toEqual([typeof line === "string" ? line : expect.stringMatching(line)]);
  expect(lines.join("\n")).not.toContain(KEY);
});

test("each wrong line has a line of its own", async () => {
  expect(await linesOf("API_KEY=x\nPORT=1\nadmin_keys=y")).toEqual([
    "line 1: API_KEY is no setting; API_KEYS is meant",
    "line 3: admin_keys is no setting; ADMIN_KEYS is meant",
  ]);
});

const text = `PORT=8000\nAPI_KEYS=${KEY}\n`;
const big = Buffer.from(`\uFEFF${text}`, "utf16le").swap16();

test.each([
  [
    "a byte order mark",
    `\uFEFF${text}`,
    /^line 1: .* byte order mark, so PORT would not be read; /,
  ],
  ["UTF-16", Buffer.from(`\uFEFF${text}`, "utf16le"), /^line 1: the file is UTF-16, so PORT would/],
  ["UTF-16, big end first", big, /^line 1: the file is UTF-16, so PORT would not be read; /],
  ["UTF-16 without a mark", Buffer.from(text, "utf16le"), /^line 1: the file is UTF-16, so PORT/],
  [
    "Latin-1",
    Buffer.from("# Schlüssel\nAPI_KEYS=x", "latin1"),
    /^line 1: the byte 0xFC is not UTF-8; save it as UTF-8/,
  ],
  [
    "Latin-1 in a value",
    Buffer.from("PORT=1\nAPI_KEYS=schlüssel\n", "latin1"),
    /^line 2: the byte 0xFC, in API_KEYS is not UTF-8; /,
  ],
])("a file in %s is refused", async (_name, content, line) => {
  expect(await linesOf(content)).toEqual([expect.stringMatching(line)]);
});

test("a folder and a link to nothing are refused", async () => {
  const path = join(folder, "folder");
  await mkdir(path);
  expect(() => readEnvFile(path)).toThrow(`${path} cannot be read: it is a folder`);
  const link = join(folder, "link");
  await symlink("nothing", link);
  expect(() => readEnvFile(link)).toThrow(`${link} cannot be read: ENOENT`);
});
