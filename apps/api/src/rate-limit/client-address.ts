import { hash } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import type { QuotaSettings } from "../settings/quota-settings.ts";

/** The first four groups of an IPv6 address: the least that one subscriber is given. */
function network64(address: string): string {
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  return groups.slice(0, 4).join(":");
}

/** Whose quota a caller without a name uses: its IPv4 address, or the /64 network of its IPv6 address. */
export function addressOwner(address: string): string {
  const mapped = /^::ffff:(.+)$/i.exec(address)?.[1] ?? address;
  if (isIPv4(mapped)) return `address:${mapped}`;
  // Where every proxy is trusted, the header may hold any text of any length.
  if (!isIPv6(address)) return `address:${hash("sha256", address, "base64url")}`;
  return `address:${network64(address.toLowerCase())}::/64`;
}

/** The setting in the form Fastify takes: a number of proxies becomes a rule on the distance, counted from the connection. */
export function trustedProxies(setting: QuotaSettings["TRUST_PROXY"]) {
  if (typeof setting !== "number") return setting;
  return (_address: string, hop: number) => hop < setting;
}
