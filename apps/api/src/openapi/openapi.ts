import {
  errorBody,
  oipErrorBody,
  problemBody,
  validationErrorBody,
} from "@sepal/schema/error-bodies";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { ErrorCode } from "@sepal/schema/error-codes";
import { generateOpenApiDocument, type OpenAPIObject } from "trpc-to-openapi";
import type { ZodOpenApiOperationObject } from "zod-openapi";
import {
  jsonResponse,
  pathParameters,
  COMMON_ERRORS,
  endpointsOf,
  isSecondSpelling,
  type BytesEndpoint,
  type Endpoints,
  type JsonEndpoint,
} from "../endpoints/endpoint.ts";
import { JOB, type ExamplePredictions } from "../endpoints/examples.ts";
import { LOGIN_PATH } from "../endpoints/login-endpoint.ts";
import { createRouter, documentPath } from "../endpoints/trpc-router.ts";
import type { RouteRules } from "../http/route-table.ts";
import { VERSION } from "../version.ts";
import { errorResponses } from "./error-responses.ts";
import { listModels, type DocumentedModels } from "./model-names.ts";
import { withPleasantNames } from "./schema-names.ts";

/** What a server requires of its callers. */
export interface DocumentedAccess {
  /** Whether callers need a credential. */
  readonly guarded?: boolean;
  /** Whether there are admins, and so their routes. */
  readonly admins?: boolean;
  /** Whether calls are counted. */
  readonly limited?: boolean;
  /** Whether there are users, who log in. */
  readonly users?: boolean;
}

/** The credentials of a caller: any of them; none where no endpoint needs one. */
function securitySchemes({ guarded, admins, users }: DocumentedAccess) {
  if (guarded !== true && admins !== true) return {};
  return {
    apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
    bearer: { type: "http", scheme: "bearer", description: "A token, or an API key." },
    ...(users === true && {
      login: {
        type: "oauth2",
        description: "Username and password, for which `POST /login` returns a token.",
        flows: { password: { tokenUrl: LOGIN_PATH, scopes: {} } },
      },
    }),
  } as const;
}

const TAGS: Readonly<Record<string, string>> = {
  predictions: "Predictions of the default model's contract.",
  jobs: "Files scored in the background.",
  models: "The models of all contracts.",
  contracts: "Contracts, as data.",
  health: "Probes for orchestrators.",
  server: "The server itself: index, metrics, documentation, identity.",
  legacy: "Predictions for clients that send numbers as strings.",
  "open inference protocol": "Open Inference Protocol v2, for standard inference clients.",
};

/** The tags of a document's operations, in the order of their first. */
function tagsOf(described: readonly Described[]) {
  const names = new Set(described.map(({ endpoint }) => endpoint.tag));
  return [...names].map((name) => ({
    name,
    description: TAGS[name] ?? `Predictions of the contract ${name}.`,
  }));
}

/** Which rejections of a caller a documented endpoint can give. */
function accessErrors(
  rules: Partial<RouteRules> | undefined,
  access: DocumentedAccess,
): ErrorCode[] {
  if (rules?.access === "open") return [];
  const admin = rules?.access === "admin";
  return [
    ...(admin || access.guarded === true ? (["unauthorized"] as const) : []),
    ...(admin ? (["forbidden"] as const) : []),
    ...(access.limited === true ? (["too_many_requests"] as const) : []),
  ];
}

const HEADERS = [
  {
    name: "x-request-timeout-ms",
    in: "header" as const,
    description:
      "Milliseconds the client is willing to wait; work that has not started by then is not run, and the response is 504.",
    schema: { type: "integer" as const, minimum: 0, maximum: 999_999_999 },
  },
  {
    name: "x-request-id",
    in: "header" as const,
    description:
      "Request id, 1 to 128 letters, digits and `_.:-`, repeated in the response and the log. Any other value is replaced by a new id.",
    schema: { type: "string" as const },
  },
  {
    name: "traceparent",
    in: "header" as const,
    description:
      "W3C Trace Context of the caller. The response carries that of the server's span, or the caller's own where tracing is off.",
    schema: { type: "string" as const },
  },
];

/** Values of parameters that are accepted as they are, for tools that send what the document shows; a job is one that was. */
const PARAMETER_EXAMPLES: ReadonlyMap<string, string | number> = new Map(
  Object.entries({
    charset: "utf-8",
    contract: defaultContract.name,
    job_id: JOB.job_id,
    model_version: "1",
    spreadsheet: "false",
    strict: "false",
    traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "x-request-id": "3f0c5bde-6f0a-4a54-9c1e-0d3f1b2c4d5e",
    "x-request-timeout-ms": 30_000,
  }),
);

/** Shows a value for each parameter that has one and shows none. */
function setParameterExamples(operation: Operation): void {
  for (const parameter of operation.parameters ?? []) {
    const { name, example = PARAMETER_EXAMPLES.get(name) } = Object(parameter);
    // A key is that of one file and one route.
    if (name === "idempotency-key") Object.assign(parameter, { example: operation.operationId });
    else if (example !== undefined) Object.assign(parameter, { example });
  }
}

/** A route with a 503 of its own responds with the common one as well, to a late request. */
function eitherBody(own: unknown, common: unknown) {
  const json = (response: unknown) => Object(response).content["application/json"];
  const schema = { anyOf: [json(own).schema, json(common).schema] };
  const content = { ...Object(common).content, "application/json": { ...json(own), schema } };
  return { ...Object(common), ...Object(own), content };
}

const METHODS = { GET: "get", POST: "post", DELETE: "delete" } as const;

interface DocumentOptions {
  /** Predictions of the running server, shown as examples. */
  readonly predictions?: ExamplePredictions;
  /** The models it can be called with, by contract. */
  readonly models?: DocumentedModels;
  readonly access?: DocumentedAccess;
  /** Whether a 422 repeats the input; on by default. */
  readonly echoInput?: boolean;
}

/** An endpoint with a REST path, and its operation id. */
interface Described {
  readonly id: string;
  readonly endpoint: (JsonEndpoint | BytesEndpoint) & Required<Pick<BytesEndpoint, "rest">>;
}

function describedIn(endpoints: Endpoints, { admins }: DocumentedAccess): Described[] {
  return [...endpointsOf(endpoints)].flatMap(([name, endpoint]) => {
    if (endpoint.kind === "asset" || endpoint.rest === undefined) return [];
    if (endpoint.rules?.access === "admin" && admins !== true) return [];
    const { rest } = endpoint;
    return { id: rest.id ?? name.replaceAll(".", "-"), endpoint: { ...endpoint, rest } };
  });
}

/** The document's part of an endpoint that is no procedure. */
function operationOf(
  { id, endpoint }: Described,
  predictions: ExamplePredictions,
): ZodOpenApiOperationObject {
  const { tag, summary, description, rest } = endpoint;
  const texts = { operationId: id, tags: [tag], summary, ...(description && { description }) };
  if (endpoint.kind === "bytes") return { ...texts, ...endpoint.document(predictions) };
  const { input, output } = endpoint.operation;
  const schema = { "application/json": { schema: input } };
  return {
    ...texts,
    ...(rest.path.includes(":") && { requestParams: { path: pathParameters(rest.path) } }),
    ...(rest.method === "POST" && { requestBody: { required: true, content: schema } }),
    responses: jsonResponse(output),
  };
}

type Paths = Record<string, Record<string, ZodOpenApiOperationObject>>;

/** The paths of endpoints that are no procedures. */
function pathsOf(described: readonly Described[], predictions: ExamplePredictions): Paths {
  const paths: Paths = {};
  for (const each of described) {
    const { endpoint } = each;
    if (endpoint.kind === "json" && endpoint.trpc !== false) continue;
    const path = documentPath(endpoint.rest.path);
    const method = endpoint.rest.method.toLowerCase();
    paths[path] = { ...paths[path], [method]: operationOf(each, predictions) };
  }
  return paths;
}

type Operation = NonNullable<NonNullable<NonNullable<OpenAPIObject["paths"]>[string]>["get"]>;

function setExample(holder: unknown, example: object | undefined): void {
  const media = Object(holder).content?.["application/json"];
  if (example !== undefined) Object.assign(media, { example });
}

/** Adds what a `json` endpoint declares of its responses besides their schemas. */
function addJson(
  operation: Operation,
  endpoint: JsonEndpoint,
  predictions: ExamplePredictions,
): void {
  const good = Object(operation.responses?.["200"]);
  const { unready: description } = endpoint;
  if (description !== undefined) {
    Object.assign(Object(operation.responses), { 503: { ...structuredClone(good), description } });
  }
  const { request, response } = endpoint.example?.(predictions) ?? {};
  setExample(operation.requestBody, request);
  setExample(good, response);
  Object.assign(Object(Object(operation.requestBody).content), endpoint.requestContent);
  Object.assign(Object(good.content), endpoint.content?.(predictions));
}

/** The OpenAPI 3.1 document of endpoints: procedures through their router, `predictions` as examples. */
export function openApiDocument(
  endpoints: Endpoints,
  { predictions = {}, models = {}, access = {}, echoInput = true }: DocumentOptions = {},
): OpenAPIObject {
  const described = describedIn(endpoints, access);
  const schemes = securitySchemes(access);
  const security = Object.keys(schemes).map((scheme) => ({ [scheme]: [] }));
  const document = generateOpenApiDocument(createRouter(endpoints), {
    title: "Sepal",
    description: "Serves tabular ONNX models behind one contract.",
    version: VERSION,
    openApiVersion: "3.1.0",
    baseUrl: "/",
    securitySchemes: schemes,
    license: { name: "MIT", identifier: "MIT" },
    paths: pathsOf(described, predictions),
    defs: {
      Error: errorBody,
      ValidationError: validationErrorBody({ echoInput }),
      Problem: problemBody,
      InferenceError: oipErrorBody,
    },
  });
  document.info.contact = { name: "Sepal" };
  document.tags = tagsOf(described);
  // Operations that need a credential have a list of their own.
  document.security = [];
  const paths = (document.paths ??= {});
  for (const { endpoint } of described) {
    const { rest, rules, errors = [], format = "rest", headers } = endpoint;
    const method = METHODS[rest.method];
    const operation = paths[documentPath(rest.path)]?.[method];
    if (operation === undefined) throw new Error(`${rest.path} is not described`);
    // Operations share some: each has its own examples and models.
    operation.parameters = structuredClone([...(operation.parameters ?? []), ...HEADERS]);
    setParameterExamples(operation);
    if (endpoint.kind === "json") addJson(operation, endpoint, predictions);
    const good = Object(operation.responses?.["200"]);
    if (headers !== undefined) good.headers = { ...good.headers, ...headers };
    const refused = accessErrors(rules, access);
    if (refused.includes("unauthorized")) operation.security = security;
    if (endpoint.models !== undefined) listModels(operation, endpoint.models, models);
    const codes = [...errors, ...COMMON_ERRORS, ...refused];
    const common = errorResponses(codes, { format, echoInput });
    const own = operation.responses;
    operation.responses = {
      ...common,
      ...own,
      ...(Object(own?.["503"]).content && { 503: eitherBody(own?.["503"], common["503"]) }),
    };
    for (const [operationId, path] of Object.entries(rest.aliases ?? {})) {
      if (isSecondSpelling(path)) continue;
      const copy = { ...structuredClone(operation), operationId };
      paths[documentPath(path)] = { ...paths[documentPath(path)], [method]: copy };
    }
  }
  return withPleasantNames(document);
}
