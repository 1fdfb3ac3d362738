/** Content types that a page may send to any origin without a preflight (Fetch Standard, CORS-safelisted request-header). */
const SAFELISTED = new Set([
  "",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "text/plain",
]);

interface PageRequest {
  readonly method: string;
  /** Host and port by which the client reached the server. */
  readonly host: string;
  readonly contentType: string | undefined;
  readonly origin: string | undefined;
  /** The `sec-fetch-site` header. */
  readonly fetchSite: string | undefined;
}

/**
 * Whether a page of another origin sent a request that its browser does not ask about first. All other requests
 * with an effect need a preflight, which only the origins of `CORS_ORIGINS` pass. A request without `origin` and
 * `sec-fetch-site` is not of a page.
 */
export function isForeignPage(
  { method, host, contentType = "", origin, fetchSite }: PageRequest,
  isAllowed: (origin: string) => boolean = () => false,
): boolean {
  if (method !== "POST" || (origin === undefined && fetchSite === undefined)) return false;
  if (!SAFELISTED.has((contentType.split(";", 1)[0] ?? "").trim().toLowerCase())) return false;
  if (origin !== undefined && isAllowed(origin)) return false;
  if (fetchSite !== undefined) return fetchSite !== "same-origin" && fetchSite !== "none";
  return origin?.slice(origin.indexOf("://") + 3).toLowerCase() !== host.toLowerCase();
}
