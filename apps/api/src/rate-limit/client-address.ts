import { hash } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** Whose quota a caller without a name uses: its IPv4 address, or the /64 network of its IPv6 address, the least that one subscriber is given. */
export function addressOwner(address: string): string {
  const mapped = /^::ffff:(.+)$/i.exec(address)?.[1] ?? address;
  if (isIPv4(mapped)) return `address:${mapped}`;
  // Where every proxy is trusted, the header may hold any text of any length.
  if (!isIPv6(address)) return `address:${hash("sha256", address, "base64url")}`;
  // Without its zone, which the parser takes in fewer forms than Node.
  const { parts } = ipaddr.IPv6.parse(address.replace(/%.*$/, ""));
  const network = parts.slice(0, 4).map((group) => group.toString(16));
  return `address:${network.join(":")}::/64`;
}
