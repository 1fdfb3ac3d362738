import { clsx } from "clsx";
import type { Metadata } from "next";
import Link from "next/link";
import { buttonClasses } from "@/components/ui/button.tsx";
import { CodeBlock } from "@/components/code-block.tsx";
import { ReportView } from "@/components/load/report-view.tsx";
import { Notices } from "@/components/notices.tsx";
import { PageTitle } from "@/components/shell/page-title.tsx";
import { plural } from "@/lib/format.ts";
import { groupReports } from "@/lib/report-groups.ts";
import { loadReports, type StoredReport } from "@/server/load-reports.ts";

/** Title of this view. */
export const metadata: Metadata = { title: "Load tests" };

interface PageProps {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

interface RunLinkProps {
  readonly stored: StoredReport;
  readonly current: boolean;
}

function RunLink({ stored, current }: RunLinkProps) {
  const { id, local, report } = stored;
  const met = report.verdicts.filter(({ verdict }) => /\bmet\b/.test(verdict)).length;
  return (
    <li>
      <Link
        href={`/load?run=${id}`}
        prefetch={false}
        aria-current={current ? "page" : undefined}
        className="block rounded-md px-3 py-1.5 text-sm pointer-coarse:min-h-11 hover:bg-sunken aria-[current=page]:bg-iris-soft aria-[current=page]:font-medium"
      >
        {report.title}
        <span className="block text-xs font-normal text-muted">
          {local && "run on this machine, "}
          {report.verdicts.length === 0
            ? "no verdicts"
            : `${met} of ${plural(report.verdicts.length, "verdict")} met`}
        </span>
      </Link>
    </li>
  );
}

interface RunListProps {
  readonly groups: ReturnType<typeof groupReports<StoredReport>>;
  readonly shown: string;
}

/** The reports by group: beside the shown one, on a narrow screen below it. */
function RunList({ groups, shown }: RunListProps) {
  return (
    <nav id="runs" aria-label="Runs" className="grid gap-5 max-lg:order-last max-lg:mt-10">
      {groups.map(({ title, reports }) => (
        <section key={title} aria-label={title}>
          <h2 className="eyebrow mb-1 px-3">{title}</h2>
          <ul className="grid gap-0.5">
            {reports.map((stored) => (
              <RunLink key={stored.id} stored={stored} current={stored.id === shown} />
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** The reports of the load tests, one at a time. */
export default async function Page({ searchParams }: PageProps) {
  const [{ run }, { reports, unreadable }] = await Promise.all([searchParams, loadReports()]);
  const chosen = reports.find(({ id }) => id === run);
  const groups = groupReports(reports);
  const shown = chosen ?? groups[0]?.reports[0];
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
          What the experiments measured, on which machine, and whether each target was met. Run one,
          and its report is listed below the one that came with Sepal.
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
        <div className="grid grid-cols-1 items-start lg:grid-cols-[15rem_minmax(0,1fr)] lg:gap-10">
          <a
            href="#runs"
            className={clsx(buttonClasses({ size: "sm" }), "mb-6 justify-self-start lg:hidden")}
          >
            All reports
          </a>
          <RunList groups={groups} shown={shown.id} />
          <ReportView report={shown.report} />
        </div>
      )}
    </>
  );
}
