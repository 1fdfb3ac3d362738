/** A path such as `/ml/sepal`, without a slash at its end. */
const PATH_PREFIX = /^(?:\/[\w.~%-]+)+$/;

/** Whether a text may be the path below which a proxy serves a server. */
export function isPathPrefix(text: string): boolean {
  return PATH_PREFIX.test(text);
}

/** Error for a setting that is no such path. */
export const PATH_PREFIX_RULE = "must be a path such as /ml/sepal, without a slash at its end";

/** The target of a request without the path below which a proxy serves the server, where it is still there. */
export function withoutPrefix(url: string, prefix: string): string {
  if (!url.startsWith(prefix)) return url;
  const rest = url.slice(prefix.length);
  if (rest === "" || rest.startsWith("?")) return `/${rest}`;
  return rest.startsWith("/") ? rest : url;
}
