/** Variables of Node.js and of libraries that a `.env` may set besides settings; a star stands for the rest of a name. */
export const OTHER_VARIABLES: readonly string[] = [
  "NODE_*",
  "NEXT_*",
  "OTEL_*",
  "ORT_*",
  "PG*",
  "UV_*",
  "SSL_CERT_*",
  "LC_*",
  "LANG",
  "TZ",
  "CI",
  "DEBUG",
  "NO_COLOR",
  "FORCE_COLOR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "COMPOSE_*",
  "GRAFANA_ADMIN_PASSWORD",
  "POSTGRES_PASSWORD",
];

const prefixes = OTHER_VARIABLES.flatMap((name) => (name.endsWith("*") ? [name.slice(0, -1)] : []));
const names = new Set(OTHER_VARIABLES);

/** Whether a variable belongs to something else than Sepal. */
export function isOtherVariable(name: string): boolean {
  return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
