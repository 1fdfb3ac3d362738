import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import { openApiDocument } from "../../src/openapi/openapi.ts";
import { allEndpoints } from "./all-endpoints.ts";

interface Response {
  readonly content?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Response>>;
}

/** The document as a server sends it that asks callers who they are. */
const api = JSON.parse(
  JSON.stringify(
    openApiDocument(allEndpoints(), { access: { guarded: true, limited: true, admins: true } }),
  ),
);
const ajv = new Ajv2020({ strict: false, validateSchema: false, validateFormats: false });
ajv.addSchema(api, "api");

const templates = Object.keys(api.paths).map((template) => ({
  template,
  pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

function pointer(...keys: readonly string[]): string {
  const escaped = keys.map((key) => key.replaceAll("~", "~0").replaceAll("/", "~1"));
  return `api#/${escaped.map(encodeURIComponent).join("/")}`;
}

/** The template of a path, such as `/models/{model_name}`; the more literal one where two fit. */
function templateOf(path: string): string | undefined {
  const fitting = templates.filter(({ pattern }) => pattern.test(path));
  return fitting.find(({ template }) => template === path)?.template ?? fitting[0]?.template;
}

/** Whether a value fits the schema at a place in the OpenAPI document; the reasons why not. */
export function schemaFaults(value: unknown, ...place: readonly string[]): string[] {
  const validate = ajv.getSchema(pointer(...place));
  if (validate === undefined) throw new Error(`no schema at ${pointer(...place)}`);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** What a reply is held against. */
interface SeenReply {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

/** Holds a reply against the OpenAPI document: its status, its content type and its body. */
export function expectDocumented({ method, path, status, contentType, body }: SeenReply): void {
  const template = templateOf(path);
  if (template === undefined || method === "HEAD") return;
  const operation: Operation | undefined = api.paths[template][method.toLowerCase()];
  if (operation === undefined) return expect(status, `${method} ${template}`).toBe(405);
  const response = operation.responses[status];
  const media = contentType?.split(";")[0] ?? "";
  if (response !== undefined && response.content === undefined) return expect(media).toBe("");
  const what = `${method} ${template} is documented with ${status} ${media}`;
  expect(Object.keys(response?.content ?? {}), what).toContain(media);
  if (!/[/+]json$/.test(media)) return;
  const place = ["responses", String(status), "content", media, "schema"];
  const faults = schemaFaults(body, "paths", template, method.toLowerCase(), ...place);
  expect(faults, `${method} ${template} ${status}: ${JSON.stringify(body)}`).toEqual([]);
}
