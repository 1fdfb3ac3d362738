import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must, runCommand, type Outcome } from "./run-command.ts";

const home = fileURLToPath(new URL("../document", import.meta.url));

/** Installs Redocly, Spectral and Postman's converter into a folder: they would double the packages of this workspace. */
export async function installDocumentTools(folder: string): Promise<void> {
  await copyFile(join(home, "package.json"), join(folder, "package.json"));
  await must("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts"], folder);
  await writeFile(join(folder, ".spectral.json"), JSON.stringify({ extends: ["spectral:oas"] }));
}

/** Checks `openapi.json` of the folder by the recommended rules of both linters, hints included; code 0 is no finding. */
export async function lintDocument(folder: string): Promise<Outcome> {
  const bin = (name: string) => join(folder, "node_modules/.bin", name);
  const lints = [
    ["redocly", "lint", "--extends", "recommended", "--max-problems", "10", "openapi.json"],
    ["spectral", "lint", "--fail-severity", "hint", "openapi.json"],
  ];
  let output = "";
  for (const [name = "", ...args] of lints) {
    const outcome = await runCommand(process.execPath, [bin(name), ...args], folder);
    output += outcome.output;
    // Redocly fails by errors alone.
    if (outcome.code !== 0 || /\b[1-9]\d* warning/.test(outcome.output)) return { code: 1, output };
  }
  return { code: 0, output };
}

interface Named {
  readonly key: string;
  readonly value?: string;
  readonly disabled?: boolean;
}

/** A request of Postman's collection format, as far as it is sent. */
interface PostmanRequest {
  readonly method: string;
  readonly url: {
    readonly path?: readonly string[];
    readonly query?: readonly Named[];
    readonly variable?: readonly Named[];
  };
  readonly header?: readonly Named[];
  readonly body?: {
    readonly mode?: string;
    readonly raw?: string;
    readonly formdata?: readonly (Named & { readonly type: string })[];
  };
}

interface Item {
  readonly request?: PostmanRequest;
  readonly item?: readonly Item[];
}

const requestsOf = ({ request, item = [] }: Item): PostmanRequest[] => [
  ...(request === undefined ? [] : [request]),
  ...item.flatMap(requestsOf),
];

/** The requests that Postman makes of `openapi.json` of the folder, with the document's examples for parameters. */
export async function postmanRequests(folder: string): Promise<PostmanRequest[]> {
  const converter = join(folder, "node_modules/openapi-to-postmanv2/bin/openapi2postmanv2.js");
  const files = ["-s", "openapi.json", "-o", "collection.json"];
  await must(process.execPath, [converter, ...files, "-O", "parametersResolution=Example"], folder);
  return requestsOf(JSON.parse(await readFile(join(folder, "collection.json"), "utf8")));
}

/** Sends a request as it came from the converter; `file` gives what its user picks for a file, by the path. */
export async function sendPostman(
  { method, url, header = [], body }: PostmanRequest,
  server: string,
  file: (path: string) => string,
): Promise<{ readonly call: string; readonly status: number; readonly text: string }> {
  const variables = new Map(url.variable?.map(({ key, value = "" }) => [`:${key}`, value]));
  const template = `/${(url.path ?? []).join("/")}`;
  const parts = (url.path ?? []).map((part) => encodeURIComponent(variables.get(part) ?? part));
  const address = new URL(`${server}/${parts.join("/")}`);
  for (const { key, value = "", disabled } of url.query ?? []) {
    if (disabled !== true) address.searchParams.set(key, value);
  }
  const headers = new Headers();
  for (const { key, value = "", disabled } of header) {
    if (disabled !== true) headers.set(key, value);
  }
  let sent: string | FormData | undefined = body?.raw;
  if (body?.mode === "formdata") {
    // Its boundary belongs to the type.
    headers.delete("content-type");
    sent = new FormData();
    for (const { key, value = "", type } of body.formdata ?? []) {
      if (type === "file") sent.set(key, new File([file(template)], "rows.csv"));
      else sent.set(key, value);
    }
  }
  const response = await fetch(address, { method, headers, ...(sent && { body: sent }) });
  return { call: `${method} ${template}`, status: response.status, text: await response.text() };
}
