import { cn } from "@/lib/cn.ts";
import type { ApiOperation } from "@/server/api-operations.ts";

interface OperationRowProps {
  readonly operation: ApiOperation;
  /** The API's public address, without a slash at the end. */
  readonly apiUrl: string;
}

/** One operation: method, path, what it does, what it can answer; a plain GET can be opened. */
export function OperationRow({ operation, apiUrl }: OperationRowProps) {
  const { method, path, summary, statuses } = operation;
  const openable = method === "get" && !path.includes("{");
  return (
    <li className="grid gap-x-5 gap-y-1 px-5 py-3 md:grid-cols-[4rem_minmax(0,1fr)_auto]">
      <span
        className={cn(
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
