/**
 * Names of this machine, as a `Host` header spells them: always allowed, for no foreign page can have one, and the
 * playground's server and health checks call by them.
 */
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Whether only this machine reaches a server that listens on an address. */
function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127(?:\.\d{1,3}){3}$/.test(address);
}

/** A `Host` header, or the host of an address, without its port and in lower case. */
function withoutPort(host: string): string {
  const end = host.startsWith("[") ? host.indexOf("]") + 1 : host.indexOf(":");
  return (end > 0 ? host.slice(0, end) : host).toLowerCase();
}

interface HostOptions {
  /** Address that the server listens on. */
  readonly listen: string;
  /** Names of `ALLOWED_HOSTS` besides those of this machine, `*` for any; absent where it is not set. */
  readonly names?: readonly string[] | undefined;
  /** Where clients reach the server, such as `https://sepal.example`. */
  readonly publicUrl?: string | undefined;
}

/**
 * The host names a server accepts, or `undefined` for any: on a loopback address a page of a foreign site could
 * otherwise point its own name at this machine and read everything (DNS rebinding).
 */
export function allowedHosts({
  listen,
  names,
  publicUrl,
}: HostOptions): ReadonlySet<string> | undefined {
  if (names?.includes("*") ?? !isLoopback(listen)) return undefined;
  const publicHost = publicUrl?.split("/", 3)[2];
  const named = names ?? (publicHost === undefined ? [listen] : [listen, publicHost]);
  return new Set([...LOOPBACK_NAMES, ...named].map(withoutPort));
}

/** Why a request for a host is misdirected; `undefined` where the host is allowed. */
export function misdirected(
  host: string,
  allowed: ReadonlySet<string> | undefined,
): string | undefined {
  if (allowed === undefined || allowed.has(withoutPort(host))) return undefined;
  return `the host ${JSON.stringify(withoutPort(host).slice(0, 100))} is not one of ALLOWED_HOSTS: add it there if clients reach the server by it`;
}
