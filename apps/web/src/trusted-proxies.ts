import { BlockList, isIP } from "node:net";
import * as z from "zod";

const RULE = "must be true, false, or addresses and networks separated by commas";

/** Names that the API's `TRUST_PROXY` takes as well. */
const NAMED = new Map([
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["linklocal", ["169.254.0.0/16", "fe80::/10"]],
  ["uniquelocal", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]],
]);

const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");

/** Adds an address or a network; throws where the text is neither. */
function addNetwork(list: BlockList, text: string): void {
  const [address = "", prefix] = text.split("/");
  if (prefix === undefined) return list.addAddress(address, family(address));
  if (!/^\d{1,3}$/.test(prefix)) throw new RangeError(text);
  list.addSubnet(address, Number(prefix), family(address));
}

/** Whether the `X-Forwarded-For` of a connection's peer is believed. */
export type TrustsPeer = (address: string) => boolean;

/** The rule of `WEB_TRUST_PROXY`. */
export const trustedProxies = z.string().transform((text, context): TrustsPeer => {
  const value = text.trim();
  if (value === "true" || value === "false") return () => value === "true";
  const list = new BlockList();
  try {
    const items = value.split(",").map((item) => item.trim());
    for (const item of items.flatMap((name) => NAMED.get(name) ?? [name])) addNetwork(list, item);
  } catch {
    context.addIssue(RULE);
  }
  return (address) => list.check(address, family(address));
});
