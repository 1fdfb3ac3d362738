import type { Metadata } from "next";
import { clsx } from "clsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { buttonClasses } from "@/components/ui/button.tsx";
import { type ApiOperation, apiOperations } from "@/server/api-operations.ts";
import { webSettings } from "@/settings.ts";

interface OperationRowProps {
  readonly operation: ApiOperation;
  /** The API's public address, without a slash at the end. */
  readonly apiUrl: string;
}

/** One operation: method, path, what it does, what it can answer; a plain GET can be opened. */
function OperationRow({ operation, apiUrl }: OperationRowProps) {
  const { method, path, summary, statuses } = operation;
  const openable = method === "get" && !path.includes("{");
  return (
    <li className="grid gap-x-5 gap-y-1 px-5 py-3 md:grid-cols-[4rem_minmax(0,1fr)_auto]">
      <span
        className={clsx(
          "font-mono text-sm font-semibold uppercase",
          method === "get" ? "text-leaf" : "text-iris",
        )}
      >
        {method}
      </span>
      <div className="min-w-0">
        <p className="font-mono text-sm break-words">
          {openable ? (
            <a href={`${apiUrl}${path}`} className="underline">
              {path}
            </a>
          ) : (
            path
          )}
        </p>
        <p className="text-sm text-muted">{summary}</p>
      </div>
      <p className="figures text-xs text-muted md:pt-1 md:text-right">
        <span className="sr-only">Answers </span>
        {statuses.join(" ")}
      </p>
    </li>
  );
}

/** Title of this view. */
export const metadata: Metadata = { title: "API" };

function DocumentLinks({ apiUrl }: { readonly apiUrl: string }) {
  return (
    <div className="mb-10 flex flex-wrap gap-3">
      <a href={`${apiUrl}/docs`} className={buttonClasses({ variant: "primary" })}>
        Try it in Swagger UI
      </a>
      <a href={`${apiUrl}/redoc`} className={buttonClasses()}>
        Read it in ReDoc
      </a>
      <a href={`${apiUrl}/openapi.json`} className={buttonClasses()}>
        OpenAPI 3.1 document
      </a>
    </div>
  );
}

/** Every operation of the API, and where to try them. */
export default async function Page() {
  const operations = await apiOperations();
  const { PUBLIC_API_URL } = webSettings();
  return (
    <>
      <PageTitle title="API">
        <p>
          Every route of <code className="text-ink">{PUBLIC_API_URL}</code>, from its own OpenAPI
          document. TypeScript clients call the same operations as typed procedures below{" "}
          <code className="text-ink">/trpc</code>.
        </p>
      </PageTitle>
      {operations.state === "down" && (
        <WaitForServer>The operations are listed as soon as the server answers.</WaitForServer>
      )}
      {operations.state === "off" && (
        <p className="plate max-w-2xl p-5">
          This server does not publish its document. Start it with <code>DOCS_ENABLED=true</code> to
          read it here.
        </p>
      )}
      {operations.state === "on" && (
        <>
          <DocumentLinks apiUrl={PUBLIC_API_URL} />
          <div className="grid grid-cols-1 gap-8">
            {operations.groups.map(([tag, list]) => (
              <section key={tag} aria-labelledby={`tag-${tag.replaceAll(" ", "-")}`}>
                <h2
                  id={`tag-${tag.replaceAll(" ", "-")}`}
                  className="mb-3 text-xl first-letter:uppercase"
                >
                  {tag}
                </h2>
                <ul className="plate divide-y divide-rule">
                  {list.map((operation) => (
                    <OperationRow
                      key={`${operation.method} ${operation.path}`}
                      operation={operation}
                      apiUrl={PUBLIC_API_URL}
                    />
                  ))}
                </ul>
              </section>
            ))}
          </div>
        </>
      )}
    </>
  );
}
