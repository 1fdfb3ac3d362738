"use client";

import { useQuery } from "@tanstack/react-query";
import { clsx } from "clsx";
import { type ReactNode, useId, useState } from "react";
import { CodeBlock } from "@/components/code-block.tsx";
import { Button } from "@/components/ui/button.tsx";
import { askForKey, credentialHeaders } from "@/lib/credentials.ts";
import {
  exampleOf,
  filledPath,
  type OpenApiDocument,
  type Operation,
  resolved,
  type Schema,
  typeText,
} from "@/lib/openapi.ts";
import { PATH_PREFIX } from "@/lib/path-prefix.ts";

/** Properties of an object that are listed. */
const MOST_PROPERTIES = 40;

/** Longest response that is shown, in characters. */
const MOST_TEXT = 20_000;

interface SchemaTableProps {
  readonly label: string;
  readonly document: OpenApiDocument;
  readonly schema: Schema;
}

/** The properties of an object with their types; of anything else the type. */
function SchemaTable({ label, document, schema: given }: SchemaTableProps) {
  const schema = resolved(document, given);
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) {
    return <p className="font-mono text-[0.8125rem] break-words">{typeText(document, schema)}</p>;
  }
  return (
    <div className="overflow-x-auto">
      <table aria-label={label} className="w-full text-[0.8125rem]">
        <tbody>
          {properties.slice(0, MOST_PROPERTIES).map(([name, property]) => (
            <tr key={name} className="border-b border-rule align-top last:border-0">
              <th scope="row" className="py-1.5 pr-4 text-left font-mono font-medium">
                {name}
                {schema.required?.includes(name) !== true && (
                  <span className="block font-sans text-xs font-normal text-muted">optional</span>
                )}
              </th>
              <td className="py-1.5 break-words">
                <span className="font-mono">{typeText(document, property)}</span>
                {property.description !== undefined && (
                  <span className="block text-muted">{property.description}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {properties.length > MOST_PROPERTIES && (
        <p className="mt-2 text-[0.8125rem] text-muted">
          {properties.length - MOST_PROPERTIES} more in the document.
        </p>
      )}
    </div>
  );
}

interface Reply {
  readonly status: number;
  readonly milliseconds: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

const SHOWN_HEADERS = ["content-type", "x-request-id", "server-timing", "retry-after", "allow"];

async function replyOf(response: Response, started: number): Promise<Reply> {
  const headers = SHOWN_HEADERS.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const type = response.headers.get("content-type") ?? "";
  const isText = /^text\/|json/.test(type);
  const body = isText ? await response.text() : await response.blob();
  const milliseconds = performance.now() - started;
  const { status } = response;
  if (typeof body !== "string") {
    return { status, milliseconds, headers, text: body.size > 0 ? `${body.size} bytes` : "" };
  }
  const whole = body.length <= MOST_TEXT;
  let text = whole ? body : `${body.slice(0, MOST_TEXT)}…`;
  if (whole && type.includes("json")) text = JSON.stringify(JSON.parse(body), null, 2);
  return { status, milliseconds, headers, text };
}

/** A response and its duration. */
function ReplyView({ reply }: { readonly reply: Reply }) {
  return (
    <div className="mt-4 overflow-hidden rounded-md border border-rule">
      <p className="figures flex flex-wrap gap-x-4 bg-sunken px-4 py-2 text-sm">
        <strong className={reply.status < 400 ? "text-leaf" : "text-rose"}>{reply.status}</strong>
        <span>{reply.milliseconds.toFixed(0)} ms in the browser</span>
      </p>
      <dl className="grid gap-x-4 px-4 py-2 text-[0.8125rem] sm:grid-cols-[9rem_minmax(0,1fr)]">
        {reply.headers.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="font-mono break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {reply.text !== "" && (
        <CodeBlock label="Response body" className="max-h-96 overflow-y-auto border-t border-rule">
          {reply.text}
        </CodeBlock>
      )}
    </div>
  );
}

/** The rows of a body's example as a table for routes that take a file. */
function csvOf(document: OpenApiDocument, path: string): string {
  const sibling = document.paths[path.replace(/(predict-file|jobs)$/, "predict")]?.["post"];
  const content = sibling?.requestBody?.content?.["application/json"];
  const example = content === undefined ? undefined : exampleOf(content);
  const features =
    typeof example === "object" && example !== null && "features" in example
      ? example.features
      : undefined;
  if (Array.isArray(features)) {
    const names = featureNames(document, content?.schema);
    return `${(names ?? features.map((_, index) => `column_${index + 1}`)).join(",")}\n${features.join(",")}\n`;
  }
  if (typeof features !== "object" || features === null) return "";
  const cells = Object.entries(features);
  return `${cells.map(([name]) => name).join(",")}\n${cells.map(([, value]) => value ?? "").join(",")}\n`;
}

/** The names that a list of features is described with. */
function featureNames(document: OpenApiDocument, schema: Schema | undefined): string[] | undefined {
  if (schema === undefined) return undefined;
  const features = resolved(document, schema).properties?.["features"];
  const text = features === undefined ? "" : (resolved(document, features).description ?? "");
  const named = [...text.matchAll(/\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b/g)].map(([name]) => name);
  return named.length > 0 && named.length === resolved(document, features ?? {}).minItems
    ? named
    : undefined;
}

/** What a field of a form is filled with. */
const PLACES: Readonly<Record<string, string>> = {
  model_name: "iris-forest",
  model_version: "1",
  contract: "iris",
  version: "1",
};

interface OperationDetailProps {
  readonly document: OpenApiDocument;
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  /** A model that the contract of this path has. */
  readonly model: string;
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="min-w-0">
      <h3 className="mb-2 font-sans text-sm font-semibold tracking-normal">{title}</h3>
      {children}
    </section>
  );
}

/** One operation: its schemas, and a request that can be changed and sent. */
function OperationDetail(props: OperationDetailProps) {
  const { document, operation, method, path, model } = props;
  const id = useId();
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const isFile = type === "multipart/form-data";
  const example = content === undefined ? undefined : exampleOf(content);
  const [body, setBody] = useState(() =>
    isFile ? csvOf(document, path) : example === undefined ? "" : JSON.stringify(example, null, 2),
  );
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      names.map((name) => [name, name === "model_name" ? model : (PLACES[name] ?? "")]),
    ),
  );
  const [reply, setReply] = useState<Reply | string | null>(null);
  const [sending, setSending] = useState(false);
  const success = Object.entries(operation.responses ?? {}).find(([status]) => status < "300");
  const [, media] = Object.entries(success?.[1].content ?? {})[0] ?? [];
  const send = async () => {
    setSending(true);
    const started = performance.now();
    try {
      const response = await fetch(`${PATH_PREFIX}/api${filledPath(path, values)}`, {
        method: method.toUpperCase(),
        headers: {
          ...credentialHeaders(),
          ...(type !== undefined && { "content-type": isFile ? "text/csv" : type }),
        },
        ...(type !== undefined && { body }),
      });
      if (response.status === 401) askForKey();
      setReply(await replyOf(response, started));
    } catch {
      setReply("No response: the server or the connection is down.");
    }
    setSending(false);
  };
  return (
    <div className="border-t border-rule px-5 py-4">
      {operation.description !== undefined && (
        <p className="mb-4 max-w-3xl text-sm text-muted">{operation.description}</p>
      )}
      <div className="grid grid-cols-1 gap-x-8 gap-y-6 lg:grid-cols-2">
        <div className="grid min-w-0 content-start gap-6">
          {content?.schema !== undefined && (
            <Part title={isFile ? "Request: a form, or the file itself" : "Request body"}>
              <SchemaTable label="Request body" document={document} schema={content.schema} />
            </Part>
          )}
          {media?.schema !== undefined && (
            <Part title={`Response ${success?.[0] ?? ""}`}>
              <SchemaTable label="Response" document={document} schema={media.schema} />
            </Part>
          )}
          <Part title="Statuses">
            <ul className="grid gap-1 text-[0.8125rem]">
              {Object.entries(operation.responses ?? {}).map(([status, { description }]) => (
                <li key={status} className="flex gap-3">
                  <span className="figures font-medium">{status}</span>
                  <span className="text-muted">{description}</span>
                </li>
              ))}
            </ul>
          </Part>
        </div>
        <div className="min-w-0">
          <Part title="Example">
            <div className="grid gap-3">
              {names.map((name) => (
                <label
                  key={name}
                  htmlFor={`${id}${name}`}
                  className="grid gap-1 text-xs text-muted"
                >
                  {name}
                  <input
                    id={`${id}${name}`}
                    value={values[name] ?? ""}
                    onChange={({ target }) => setValues({ ...values, [name]: target.value })}
                    className="h-9 rounded-md border border-edge bg-paper px-3 font-mono text-sm text-ink pointer-coarse:h-11"
                  />
                </label>
              ))}
              {type !== undefined && (
                <textarea
                  aria-label={isFile ? "File, CSV" : "Request body, JSON"}
                  value={body}
                  onChange={({ target }) => setBody(target.value)}
                  spellCheck={false}
                  rows={Math.min(16, Math.max(4, body.split("\n").length))}
                  className="w-full resize-y rounded-md border border-edge bg-paper px-3 py-2 font-mono text-[0.8125rem]"
                />
              )}
              <div>
                <Button
                  variant="primary"
                  disabled={sending || names.some((name) => values[name] === "")}
                  onClick={() => void send()}
                >
                  Send
                </Button>
              </div>
            </div>
          </Part>
          <section aria-live="polite" aria-label="Response">
            {typeof reply === "string" ? (
              <p className="mt-4 text-sm text-rose">{reply}</p>
            ) : (
              reply !== null && <ReplyView reply={reply} />
            )}
          </section>
        </div>
      </div>
    </div>
  );
}

interface OperationRowProps {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  /** Other paths of the same operation. */
  readonly aliases: readonly string[];
  readonly model: string;
}

async function fetchDocument(): Promise<OpenApiDocument> {
  const response = await fetch(`${PATH_PREFIX}/api/openapi.json`, { headers: credentialHeaders() });
  if (!response.ok) throw new Error(`the document request returned ${response.status}`);
  return await response.json();
}

/** One operation in a line that opens to its schemas, an example and a response. */
export function OperationRow({ method, path, summary, aliases, model }: OperationRowProps) {
  const [open, setOpen] = useState(false);
  const { data: document, isError } = useQuery({
    queryKey: ["openapi"],
    queryFn: fetchDocument,
    enabled: open,
    staleTime: 60_000,
  });
  const operation = document?.paths[path]?.[method];
  return (
    <li>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="grid cursor-pointer grid-cols-[4rem_minmax(0,1fr)] items-baseline gap-x-3 gap-y-0.5 px-5 py-3 pointer-coarse:min-h-11 hover:bg-sunken sm:grid-cols-[4rem_minmax(0,1fr)_minmax(0,1fr)]">
          <span
            className={clsx(
              "font-mono text-sm font-semibold uppercase",
              method === "get" ? "text-leaf" : method === "delete" ? "text-rose" : "text-iris",
            )}
          >
            {method}
          </span>
          <span className="min-w-0">
            <code className="text-sm wrap-anywhere">{path}</code>
            {aliases.length > 0 && (
              <span className="block text-xs text-muted">also {aliases.join(", ")}</span>
            )}
          </span>
          <span className="text-sm text-muted max-sm:col-start-2">{summary}</span>
        </summary>
        {open && operation !== undefined && document !== undefined && (
          <OperationDetail
            document={document}
            operation={operation}
            method={method}
            path={path}
            model={model}
          />
        )}
        {open && isError && (
          <p role="alert" className="px-5 py-3 text-sm text-rose">
            The document could not be loaded: open this again once the server responds.
          </p>
        )}
      </details>
    </li>
  );
}
