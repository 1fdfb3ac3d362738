import type { AppRouter } from "./router.ts";

/** Names of the procedures that need no key, such as `health`, by what each says of itself. */
export function openProcedures({ _def }: AppRouter): ReadonlySet<string> {
  const open = new Set<string>();
  // At run time the names of nested procedures are joined by dots.
  for (const [name, procedure] of Object.entries(_def.procedures)) {
    const meta: object = ("_def" in procedure && procedure._def.meta) || {};
    if ("open" in meta && meta.open === true) open.add(name);
  }
  return open;
}
