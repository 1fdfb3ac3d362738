import type * as z from "zod";

/** Broken rules of a list after which its further items are not checked: each costs a hundred times a good item. */
const ENOUGH_ISSUES = 100;

/** Items that are checked between two looks at how many rules are broken. */
const STEP = 20;

/** Message of the issue that stands for the items that were not checked. */
export const CUT_MESSAGE = "checking stopped here";

/**
 * Has the schema of a list with `1` to `most` items stop after {@link ENOUGH_ISSUES} broken rules, with an issue that
 * says so; the same schema, for copies, such as `.meta()` makes, have no bound. What is compiled around it has.
 */
export function boundedList<S extends z.ZodArray>(list: S, most: number): S {
  const { _zod } = list;
  const run = _zod.run.bind(_zod);
  _zod.run = (payload, context) => {
    const { value } = payload;
    // Of one that is too long, no item is checked.
    if (!Array.isArray(value) || value.length <= STEP || value.length > most) {
      return run(payload, context);
    }
    const items: unknown[] = [];
    for (let from = 0; from < value.length; from += STEP) {
      const part = run({ value: value.slice(from, from + STEP), issues: [] }, context);
      if (part instanceof Promise) throw new TypeError("an item of a bounded list has to wait");
      for (const issue of part.issues) {
        const [index, ...rest] = issue.path ?? [];
        payload.issues.push({ ...issue, path: [Number(index) + from, ...rest] });
      }
      if (payload.issues.length >= ENOUGH_ISSUES && from + STEP < value.length) {
        payload.issues.push({ code: "custom", input: value, message: CUT_MESSAGE, path: [] });
        return payload;
      }
      if (Array.isArray(part.value)) for (const item of part.value) items.push(item);
    }
    payload.value = items;
    return payload;
  };
  return list;
}
