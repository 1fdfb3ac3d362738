import type { Metadata } from "next";
import { OperationRow } from "@/components/api-docs/operation-row.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { WaitForServer } from "@/components/shell/wait-for-server.tsx";
import { buttonVariants } from "@/components/ui/button.tsx";
import { apiOperations } from "@/server/api-operations.ts";
import { webSettings } from "@/settings.ts";

/** Title of this view. */
export const metadata: Metadata = { title: "API" };

function DocumentLinks({ apiUrl }: { readonly apiUrl: string }) {
  return (
    <div className="mb-10 flex flex-wrap gap-3">
      <a href={`${apiUrl}/docs`} className={buttonVariants({ variant: "primary" })}>
        Try it in Swagger UI
      </a>
      <a href={`${apiUrl}/redoc`} className={buttonVariants()}>
        Read it in ReDoc
      </a>
      <a href={`${apiUrl}/openapi.json`} className={buttonVariants()}>
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
