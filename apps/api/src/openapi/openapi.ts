import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import {
  errorBody,
  oipErrorBody,
  problemBody,
  validationErrorBody,
} from "@sepal/schema/error-bodies";
import type { RequestLimits } from "@sepal/schema/limits";
import { generateOpenApiDocument, type OpenAPIObject } from "trpc-to-openapi";
import type { AppRouter } from "../protocols/trpc/router.ts";
import { VERSION } from "../version.ts";
import { accessErrors, SECURITY, SECURITY_SCHEMES, type DocumentedAccess } from "./access.ts";
import { errorResponses } from "./error-responses.ts";
import type { ExampleAnswers } from "./example-answers.ts";
import { addExamples } from "./examples.ts";
import { jobPaths } from "./job-paths.ts";
import { addAnswerHeaders } from "./answer-headers.ts";
import { addEventStream } from "./event-stream.ts";
import { filePaths } from "./file-paths.ts";
import { loginPath } from "./login-path.ts";
import { oipPaths } from "./oip-paths.ts";
import { withPleasantNames } from "./pleasant-names.ts";
import { predictPaths } from "./predict-paths.ts";
import { repositoryPaths } from "./repository-paths.ts";
import { routeErrors } from "./route-errors.ts";
import { serverPaths } from "./server-paths.ts";

const HEADERS = [
  {
    name: "x-request-timeout-ms",
    in: "header" as const,
    description: "Milliseconds the client waits; work that would start later is not run.",
    schema: { type: "integer" as const, minimum: 0, maximum: 999_999_999 },
  },
  {
    name: "x-request-id",
    in: "header" as const,
    description:
      "Id of the request, repeated in the reply and the log where it is 1 to 128 letters, digits and `_.:-`; else a new one is.",
    schema: { type: "string" as const },
  },
  {
    name: "traceparent",
    in: "header" as const,
    description:
      "W3C Trace Context of the caller. The reply has one too: of the server's span, or the caller's own where the server keeps none.",
    schema: { type: "string" as const },
  },
];

/** The contract whose routes a path belongs to; the default one has no prefix. */
function contractOf(path: string): Contract {
  const all: Record<string, Contract> = contracts;
  return all[path.split("/")[1] ?? ""] ?? defaultContract;
}

/** `GET /health` answers the same body when the default model does not predict. */
function unhealthy(healthy: unknown) {
  return {
    ...structuredClone(Object(healthy)),
    description: "The default model does not answer predictions",
  };
}

/** A route with a 503 of its own answers the common one as well, to a late request. */
function eitherBody(own: unknown, common: unknown) {
  const json = (response: unknown) => Object(response).content["application/json"];
  const schema = { anyOf: [json(own).schema, json(common).schema] };
  const content = { ...Object(common).content, "application/json": { ...json(own), schema } };
  return { ...Object(common), ...Object(own), content };
}

interface DocumentOptions {
  /** What the server answers now, shown as examples. */
  readonly answers?: ExampleAnswers;
  readonly access?: DocumentedAccess;
  /** Whether a 422 repeats the input; on by default. */
  readonly echoInput?: boolean;
}

/** The OpenAPI 3.1 document: procedures from the router, other routes and all errors from their tables, `answers` as examples. */
export function openApiDocument(
  router: AppRouter,
  limits: RequestLimits,
  { answers = {}, access = {}, echoInput = true }: DocumentOptions = {},
): OpenAPIObject {
  const document = generateOpenApiDocument(router, {
    title: "Sepal",
    description: "Serves tabular ONNX classifiers behind one contract.",
    version: VERSION,
    openApiVersion: "3.1.0",
    baseUrl: "/",
    securitySchemes: SECURITY_SCHEMES,
    license: { name: "MIT", identifier: "MIT" },
    paths: {
      ...predictPaths(limits),
      ...filePaths(answers),
      ...jobPaths(answers),
      ...serverPaths(),
      ...oipPaths(),
      ...repositoryPaths(access.admins === true),
      ...(access.users === true && loginPath()),
    },
    defs: {
      Error: errorBody,
      ValidationError: validationErrorBody({ echoInput }),
      Problem: problemBody,
      InferenceError: oipErrorBody,
    },
  });
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of ["get", "post", "delete"] as const) {
      const operation = item[method];
      if (operation === undefined) continue;
      const { face, codes } = routeErrors(path, method);
      operation.parameters = [...(operation.parameters ?? []), ...HEADERS];
      const own = {
        ...operation.responses,
        ...(path === "/health" && { 503: unhealthy(operation.responses?.["200"]) }),
      };
      const refusals = accessErrors(path, access);
      const errors = errorResponses([...codes, ...refusals], { face, echoInput });
      if (refusals.includes("unauthorized")) operation.security = SECURITY;
      operation.responses = {
        ...errors,
        ...own,
        ...(own["503"] && { 503: eitherBody(own["503"], errors["503"]) }),
      };
      addExamples(path, operation, contractOf(path), answers);
      addAnswerHeaders(path, operation);
      if (path.endsWith("/predict-batch")) addEventStream(operation, contractOf(path), answers);
    }
  }
  return withPleasantNames(document);
}
