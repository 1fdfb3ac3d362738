/** Values that are a reply's own, each with the form that it keeps to. */
const OWN: Readonly<Record<string, RegExp>> = {
  // Bodies tell times and ids, some with more digits than others.
  "content-length": /^\d+$/,
  date: /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$/,
  location: /^\/jobs\/[\da-f-]{36}$/,
  ratelimit: /^"calls";r=\d+;t=\d+$/,
  "ratelimit-remaining": /^\d+$/,
  "ratelimit-reset": /^\d+$/,
  "server-timing": /^queue;dur=[\d.]+, compute;dur=[\d.]+, total;dur=[\d.]+$/,
  // Each process has a cache of its own: which of them answers decides.
  "x-cache": /^(hit|miss)$/,
  "x-request-id": /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/,
};

/** Headers as one can compare them: `own` stands for a value that is a reply's own and keeps to its form. */
export function seenHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers].map(([name, value]) => [name, OWN[name]?.test(value) === true ? "own" : value]),
  );
}

/** The headers that differ, with what the second reply has, `null` where it has none. */
export function headerDifference(
  first: Readonly<Record<string, string>>,
  second: Readonly<Record<string, string>>,
): Record<string, string | null> {
  const names = Object.keys({ ...first, ...second }).toSorted();
  return Object.fromEntries(
    names.flatMap((name) => (first[name] === second[name] ? [] : [[name, second[name] ?? null]])),
  );
}
