import { existsSync } from "node:fs";
import { mkdir, readdir, readlink, writeFile } from "node:fs/promises";
import { once } from "node:events";
import { request, type ClientRequest } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess, type LogLine } from "../support/api-process.ts";
import { dataFolder, irisCsv } from "../support/job-helpers.ts";
import { post } from "../support/json-request.ts";

const CSV = { "content-type": "text/csv" };

let data: Awaited<ReturnType<typeof dataFolder>>;
let api: ApiProcess;
beforeAll(async () => {
  data = await dataFolder();
  api = await startApi({ variables: { DATA_DIR: data.path } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
});

/** Posts a file piece by piece. */
function open(url: string, headers: Record<string, string> = CSV): ClientRequest {
  const { hostname, port, pathname, search } = new URL(url);
  const path = pathname + search;
  return request({ hostname, port, path, method: "POST", headers, agent: false });
}

/** Files without a name that a process has open, where the system tells. */
async function spooledFiles({ child }: ApiProcess): Promise<string[]> {
  const folder = `/proc/${child.pid}/fd`;
  const names = await readdir(folder);
  const paths = await Promise.all(
    names.map((name) => readlink(join(folder, name)).catch(() => "")),
  );
  return paths.filter((path) => path.includes(".spool"));
}

/** The log line of a request, once it is written. */
async function lineOf(id: string): Promise<LogLine | undefined> {
  const find = () => api.log.find(({ request_id }) => request_id === id);
  await eventually(() => find() !== undefined, "the line of the request");
  return find();
}

test("a client that sends everything before it reads gets everything", async () => {
  const rows = 300_000;
  const csv = irisCsv(rows);
  const sent = open(`${api.url}/predict-file`);
  const replied = once(sent, "response");
  // Told when the last byte is with the system, which holds less of it than the file has.
  await new Promise((resolve) => sent.write(csv, resolve));
  sent.end();
  if (existsSync("/proc/self/fd")) {
    await eventually(async () => (await spooledFiles(api)).length === 1, "the rest is on disk");
    expect(await readdir(join(data.path, "spool"))).toEqual([]);
  }
  const [reply] = await replied;
  let text = "";
  for await (const part of reply.setEncoding("latin1")) text += part;
  expect(reply.statusCode).toBe(200);
  expect(text.match(/,(?:setosa|versicolor|virginica),/g)).toHaveLength(rows);
  // Every row stands where it stood: memory that was freed too early would show here.
  const lines = text.split("\n");
  const strays = csv.split("\n").filter((line, row) => !lines[row]?.startsWith(line));
  expect(strays).toEqual([]);
  if (existsSync("/proc/self/fd")) {
    await eventually(async () => (await spooledFiles(api)).length === 0, "nothing is on disk");
  }
});

test.each([
  ["a body", CSV, ""],
  [
    "a form",
    { "content-type": "multipart/form-data; boundary=b" },
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n',
  ],
])(
  "a client that sends all of %s that is refused at its header reads why",
  async (_what, headers, before) => {
    const sent = open(`${api.url}/predict-file`, headers);
    const replied = once(sent, "response");
    sent.write(`${before}a,b,c\n`);
    // More than the system holds for a server that does not read.
    const piece = "1,2,3\n".repeat(200_000);
    for (let count = 0; count < 20; count += 1) {
      await new Promise((resolve) => sent.write(piece, resolve));
    }
    sent.end(before === "" ? "" : "\r\n--b--\r\n");
    const [reply] = await replied;
    let text = "";
    for await (const part of reply.setEncoding("utf8")) text += part;
    expect([reply.statusCode, JSON.parse(text).detail[0].msg]).toEqual([
      422,
      "The header has no column sepal_length",
    ]);
  },
);

test("the result comes while the file goes", async () => {
  const sent = open(`${api.url}/predict-file`);
  const replied = once(sent, "response");
  sent.write(irisCsv(5000));
  const [reply] = await replied;
  reply.setEncoding("utf8");
  let text = "";
  reply.on("data", (part: string) => {
    text += part;
  });
  await eventually(() => text.split("\n").length > 3000, "the first rows are answered");
  sent.end(irisCsv(2).replace(/^.*\n/, ""));
  await once(reply, "end");
  expect(text.trimEnd().split("\n")).toHaveLength(5003);
});

test("a failure after the first rows cuts the answer off and is logged", async () => {
  const sent = open(`${api.url}/predict-file`, { ...CSV, "x-request-id": "late-failure" });
  const replied = once(sent, "response");
  sent.write(irisCsv(5000));
  const [reply] = await replied;
  expect(reply.statusCode).toBe(200);
  const cut = once(reply, "error");
  sent.on("error", () => {});
  sent.write(`"${"x".repeat(2 ** 20 + 1)}`);
  // More than the system holds for a server that does not read; only then is the answer read.
  for (let count = 0; count < 20; count += 1) {
    await new Promise((resolve) => sent.write("x".repeat(2 ** 20), resolve));
  }
  reply.resume();
  const [error] = await cut;
  expect(error).toMatchObject({ code: "ECONNRESET" });
  const line = await lineOf("late-failure");
  expect(line).toMatchObject({ level: "error", status: 422, model: "iris-forest" });
  expect(JSON.stringify(line)).toContain("row 5001: The row is longer than 1048576 bytes");
});

test.each(["", "?strict=true"])("a client that goes away ends the work%s", async (query) => {
  const id = `gone${query.replaceAll(/\W/g, "")}`;
  const sent = open(`${api.url}/predict-file${query}`, { ...CSV, "x-request-id": id });
  sent.on("error", () => {});
  sent.on("response", (reply) => reply.on("error", () => {}).resume());
  sent.write(irisCsv(20_000));
  if (query !== "" && existsSync("/proc/self/fd")) {
    await eventually(async () => (await spooledFiles(api)).length === 1, "the file is on disk");
  } else await once(sent, "response");
  sent.destroy();
  expect(await lineOf(id)).toMatchObject({ level: "info", status: 499 });
  if (existsSync("/proc/self/fd")) {
    await eventually(async () => (await spooledFiles(api)).length === 0, "nothing is on disk");
  }
  expect((await post(`${api.url}/predict-file`, irisCsv(3), CSV)).status).toBe(200);
});

test("what a killed process left behind is removed at the next start", async () => {
  await using data = await dataFolder();
  const spool = join(data.path, "spool");
  const variables = { DATA_DIR: data.path };
  {
    await using api = await startApi({ variables });
    const sent = open(`${api.url}/predict-file?strict=true`);
    sent.on("error", () => {});
    sent.write(irisCsv(20_000));
    await eventually(() => existsSync(spool), "the file is spooled");
    api.child.kill("SIGKILL");
    await api.ended();
  }
  await mkdir(spool, { recursive: true });
  await writeFile(join(spool, "left.spool"), "x");
  await using _ = await startApi({ variables });
  expect(await readdir(spool)).toEqual([]);
});

test("the answers are the same without worker threads", async () => {
  const variables = { DATA_DIR: data.path, INFERENCE_THREADS: "0" };
  await using plain = await startApi({ variables });
  const csv = irisCsv(5000, 7);
  for (const query of ["", "?model_name=iris-mlp"]) {
    const [there, here] = await Promise.all(
      [api, plain].map(({ url }) => post(`${url}/predict-file${query}`, csv, CSV)),
    );
    expect(there?.status).toBe(200);
    expect(there?.text === here?.text, query).toBe(true);
  }
  const refused = await post(`${plain.url}/predict-file?strict=true`, csv, CSV);
  expect([refused.status, refused.body.detail[0].loc]).toEqual([422, ["body", 7, "petal_length"]]);
});

test("a spool that cannot be written fails the file that needs it, and no other", async () => {
  await using data = await dataFolder();
  await writeFile(join(data.path, "spool"), "in the way");
  await using api = await startApi({ variables: { DATA_DIR: data.path } });
  const strict = await post(`${api.url}/predict-file?strict=true`, irisCsv(3), CSV);
  expect([strict.status, strict.body.detail]).toEqual([500, "Internal Server Error"]);
  expect((await post(`${api.url}/predict-file`, irisCsv(3), CSV)).status).toBe(200);
});
