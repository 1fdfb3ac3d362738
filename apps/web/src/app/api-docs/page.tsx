import type { Metadata } from "next";
import type { ModelCard } from "@sepal/schema/model-card";
import { OperationRow } from "@/components/api/operation.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { WaitForServer } from "@/components/shell/server-status.tsx";
import { buttonClasses } from "@/components/ui/button.tsx";
import { modelCards } from "@/server/api.ts";
import { apiOperations } from "@/server/api-operations.ts";
import { webSettings } from "@/settings.ts";

/** A model for the examples of an operation: one of the contract that its path begins with, else the default one. */
function modelFor(path: string, cards: readonly ModelCard[]): string {
  const card =
    cards.find(({ contract }) => path.startsWith(`/${contract}/`)) ??
    cards.find(({ is_default }) => is_default) ??
    cards[0];
  return card?.name ?? "";
}

/** Title of this view. */
export const metadata: Metadata = { title: "API" };

function DocumentLinks({ apiUrl }: { readonly apiUrl: string }) {
  return (
    <div className="mb-10 flex flex-wrap gap-3">
      <a href={`${apiUrl}/docs`} className={buttonClasses()}>
        Swagger UI
      </a>
      <a href={`${apiUrl}/redoc`} className={buttonClasses()}>
        ReDoc
      </a>
      <a href={`${apiUrl}/openapi.json`} className={buttonClasses()}>
        OpenAPI 3.1 document
      </a>
    </div>
  );
}

/** Every operation of the API, and where to try them. */
export default async function Page() {
  const [operations, cards] = await Promise.all([apiOperations(), modelCards()]);
  const { PUBLIC_API_URL } = webSettings();
  return (
    <>
      <PageTitle title="API">
        <p>
          Every route of <code className="text-ink">{PUBLIC_API_URL}</code>, from its own OpenAPI
          document: open one to read its schema and to send a request. TypeScript clients call the
          same operations as typed procedures below <code className="text-ink">/trpc</code>.
        </p>
      </PageTitle>
      {operations.state === "down" && (
        <WaitForServer>The operations are listed as soon as the server responds.</WaitForServer>
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
                      {...operation}
                      model={modelFor(operation.path, cards ?? [])}
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
