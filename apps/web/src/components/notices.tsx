import { WarningIcon } from "./icons.tsx";

/** Things to know before reading on, such as a value of the address that was not taken. */
export function Notices({ notices }: { readonly notices: readonly string[] }) {
  if (notices.length === 0) return null;
  return (
    <ul
      aria-label="Notices"
      className="mb-6 grid gap-2 rounded-md border border-amber/50 bg-amber-soft p-4 text-sm"
    >
      {notices.map((notice) => (
        <li key={notice} className="flex gap-2.5 break-words">
          <WarningIcon className="mt-0.5 size-4 shrink-0 text-amber" />
          <span className="min-w-0">{notice}</span>
        </li>
      ))}
    </ul>
  );
}
