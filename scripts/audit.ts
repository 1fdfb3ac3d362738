import { execFile } from "node:child_process";

/** Longest wait for a registry, in milliseconds; off the network pnpm would try for minutes. */
const PATIENCE_MS = 15_000;

interface AuditReport {
  readonly advisories: Readonly<
    Record<string, { readonly module_name: string; readonly title: string; readonly url: string }>
  >;
}

/** What an audit of the dependencies that are shipped came to. */
export interface Audit {
  readonly done: boolean;
  /** One line for each package with a known weakness of high severity or worse. */
  readonly found: readonly string[];
}

function read(output: string): Audit {
  try {
    const { advisories }: AuditReport = JSON.parse(output);
    const found = Object.values(advisories).map(
      ({ module_name, title, url }) => `${module_name}: ${title} (${url})`,
    );
    return { done: true, found };
  } catch {
    return { done: false, found: [] };
  }
}

/** Asks the registry for known weaknesses of the dependencies; not done where it does not answer. */
export function audit(variables: NodeJS.ProcessEnv = {}): Promise<Audit> {
  const args = ["audit", "--prod", "--audit-level", "high", "--json"];
  const env = { ...process.env, ...variables };
  return new Promise((resolve) => {
    execFile("pnpm", args, { env, timeout: PATIENCE_MS, maxBuffer: 2 ** 26 }, (_error, stdout) => {
      resolve(read(stdout));
    });
  });
}

if (import.meta.main) {
  const { done, found } = await audit();
  if (!done) console.log("audit not done: the registry does not answer it");
  for (const line of found) console.log(line);
  process.exitCode = found.length === 0 ? 0 : 1;
}
