import type { IncomingMessage } from "node:http";
import proxyAddress from "@fastify/proxy-addr";
import type { QuotaSettings } from "../settings/quota-settings.ts";

/** Whether an address is a proxy to believe; `distance` is 0 for the peer of the connection. */
type Trust = (address: string, distance: number) => boolean;

function trustOf(setting: QuotaSettings["TRUST_PROXY"]): Trust | undefined {
  if (setting === false) return undefined;
  if (setting === true) return () => true;
  if (typeof setting === "number") return (_address, distance) => distance < setting;
  return proxyAddress.compile(setting);
}

/** What the proxies in front of the server say of a request, as far as `TRUST_PROXY` believes them. */
export class Proxies {
  readonly #trust: Trust | undefined;

  constructor(setting: QuotaSettings["TRUST_PROXY"]) {
    this.#trust = trustOf(setting);
  }

  /** Addresses from that of the connection's peer to the first one that is not believed. */
  addresses(raw: IncomingMessage): readonly string[] {
    if (this.#trust === undefined) return [raw.socket.remoteAddress ?? ""];
    return proxyAddress.all(raw, this.#trust);
  }

  /** The value that the nearest proxy has added to a header; `undefined` where it has not or is not believed. */
  forwarded(
    raw: IncomingMessage,
    header: "x-forwarded-host" | "x-forwarded-proto",
  ): string | undefined {
    if (this.#trust === undefined) return undefined;
    const { [header]: value } = raw.headers;
    const { remoteAddress } = raw.socket;
    if (typeof value !== "string" || value === "" || remoteAddress === undefined) return undefined;
    return this.#trust(remoteAddress, 0) ? value.split(",").at(-1)?.trim() : undefined;
  }
}
