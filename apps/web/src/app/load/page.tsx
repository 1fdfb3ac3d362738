import type { Metadata } from "next";
import Link from "next/link";
import { CodeBlock } from "@/components/code-block.tsx";
import { ReportView } from "@/components/load/report-view.tsx";
import { Notices } from "@/components/notices.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { loadReports, type StoredReport } from "@/server/load-reports.ts";

/** Title of this view. */
export const metadata: Metadata = { title: "Load tests" };

interface PageProps {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

function RunList({ reports, shown }: { reports: readonly StoredReport[]; shown: string }) {
  return (
    <nav
      aria-label="Runs"
      className="-mx-4 mb-8 flex gap-2 overflow-x-auto px-4 pb-2 sm:mx-0 sm:grid sm:grid-cols-[repeat(auto-fill,minmax(16rem,1fr))] sm:overflow-visible sm:px-0 sm:pb-0"
    >
      {reports.map(({ id, local, report: { title, verdicts } }) => (
        <Link
          key={id}
          href={`/load?run=${id}`}
          prefetch={false}
          aria-current={id === shown ? "page" : undefined}
          className="w-56 shrink-0 rounded-md border border-rule bg-surface px-3 py-2 text-sm hover:border-edge max-sm:aria-[current=page]:order-first sm:w-auto aria-[current=page]:border-iris aria-[current=page]:bg-iris-soft"
        >
          <span className="block font-medium">{title}</span>
          <span className="text-muted">
            {local && "run on this machine, "}
            {verdicts.length === 0
              ? "no verdicts"
              : `${verdicts.filter(({ verdict }) => /\bmet\b/.test(verdict)).length} of ${verdicts.length} figures met`}
          </span>
        </Link>
      ))}
    </nav>
  );
}

/** The reports of the load tests, one at a time. */
export default async function Page({ searchParams }: PageProps) {
  const [{ run }, { reports, unreadable }] = await Promise.all([searchParams, loadReports()]);
  const chosen = reports.find(({ id }) => id === run);
  const shown = chosen ?? reports[0];
  const notices = unreadable.map(
    (name) => `The report ${name} is in a form this page cannot read.`,
  );
  if (run !== undefined && chosen === undefined) {
    notices.push(`There is no report “${String(run).slice(0, 60)}”.`);
  }
  return (
    <>
      <PageTitle title="Load tests">
        <p>
          What the experiments measured, where, and with which verdicts. Run one, and its report is
          listed beside the one that came with Sepal.
        </p>
      </PageTitle>
      <Notices notices={notices} />
      {shown === undefined ? (
        <section aria-label="No reports" className="plate max-w-2xl overflow-hidden">
          <p className="p-5">
            Nothing was measured yet. Run an experiment in the workspace and reload this page:
          </p>
          <CodeBlock label="Command" className="border-t border-rule bg-sunken">
            npx -y pnpm@12 loadtest
          </CodeBlock>
        </section>
      ) : (
        <>
          <RunList reports={reports} shown={shown.id} />
          <ReportView report={shown.report} />
        </>
      )}
    </>
  );
}
