import { createLocalJWKSet, type LocalJWKSet } from "jose";
import type { Logger } from "pino";
import * as z from "zod";
import { isIssuerAddress } from "../settings/identity-settings.ts";

/** Longest time that an issuer may take to send a document, in milliseconds. */
const FETCH_TIMEOUT_MS = 5000;

/** Longest document of an issuer, in bytes. */
const MAX_DOCUMENT_BYTES = 1_048_576;

/** Time between two fetches while the issuer cannot be reached, in milliseconds. */
const RETRY_MS = 10_000;

/** Shortest time between two fetches that tokens with an unknown key bring about, in milliseconds: anybody can send one. */
const UNKNOWN_KEY_INTERVAL_MS = 10_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });

const keySet = z.looseObject({
  keys: z.array(z.looseObject({ kty: z.string() })).min(1, "has no key"),
});

/** Fetches a JSON document of an issuer; a failure names the address and no more than a code of what is behind it. */
async function fetchDocument(address: string): Promise<unknown> {
  const response = await fetch(address, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`${address} cannot be fetched (${codeOf(error)})`);
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`${address} responds with ${response.status}`);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const piece of response.body) {
      length += piece.byteLength;
      if (length > MAX_DOCUMENT_BYTES) break;
      pieces.push(piece);
    }
  } catch (error) {
    throw new Error(`${address} cannot be fetched (${codeOf(error)})`, { cause: error });
  }
  if (length > MAX_DOCUMENT_BYTES) {
    throw new Error(`${address} sends more than ${MAX_DOCUMENT_BYTES} bytes`);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    throw new Error(`${address} sends no JSON`);
  }
}

/** Such as `ECONNREFUSED`: messages of the network name addresses, and the health routes show the reason. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { cause } = error;
  const inner = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  return inner ?? error.name;
}

interface KeysOptions {
  /** As tokens name it. */
  readonly issuer: string;
  readonly refreshMs: number;
  /** How long keys hold after the last fetch that succeeded, beyond the next refresh. */
  readonly graceMs: number;
  readonly logger: Logger;
}

/**
 * The public keys of an OpenID Connect issuer, found by its discovery document. They are fetched at the start, at each
 * refresh and when a token names an unknown key; while the issuer cannot be reached, the last ones hold for a grace time.
 */
export class IssuerKeys {
  readonly #options: KeysOptions;
  #set: LocalJWKSet | undefined;
  /** The set as text: whether a fetch has changed it. */
  #text = "";
  #fault: string | undefined;
  /** When the keys were last fetched, on the clock of `performance.now()`. */
  #fetchedAt = -Infinity;
  #askedAt = -Infinity;
  #loading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: KeysOptions) {
    this.#options = options;
    void this.#load();
  }

  /** The keys; `undefined` while there are none that hold. Another object when they have changed. */
  get current(): LocalJWKSet | undefined {
    // By the clock, not by a timer: it also ends where a fetch never does.
    return performance.now() < this.#endsAt ? this.#set : undefined;
  }

  /** Why the keys cannot be fetched now, and how long the last ones hold; `undefined` while they can. */
  get fault(): string | undefined {
    if (this.#fault === undefined) return undefined;
    if (this.current === undefined) return `${this.#fault}; its tokens are not verified`;
    const held = Math.ceil((this.#endsAt - performance.now()) / 1000);
    return `${this.#fault}; the keys fetched before hold for ${held} s`;
  }

  /** The keys, once a fetch that is under way has ended. */
  async settled(): Promise<LocalJWKSet | undefined> {
    if (this.current === undefined) await this.#loading;
    return this.current;
  }

  /** Fetches the keys for a token whose key is not among them; `false` where that was done a moment ago. */
  async refetch(): Promise<boolean> {
    if (this.#loading === undefined) {
      if (performance.now() - this.#askedAt < UNKNOWN_KEY_INTERVAL_MS) return false;
      this.#askedAt = performance.now();
    }
    await this.#load();
    return true;
  }

  /** Stops fetching. */
  close(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  get #endsAt(): number {
    const { refreshMs, graceMs } = this.#options;
    return this.#fetchedAt + refreshMs + graceMs;
  }

  #load(): Promise<void> {
    this.#loading ??= this.#fetch().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    const { issuer, logger, refreshMs } = this.#options;
    clearTimeout(this.#timer);
    try {
      const { text, set } = await fetchKeys(issuer);
      this.#fetchedAt = performance.now();
      if (text !== this.#text) {
        logger.info({ issuer, keys: set.jwks().keys.length }, "keys of an issuer fetched");
        this.#text = text;
        this.#set = set;
      } else if (this.#fault !== undefined) logger.info({ issuer }, "can be reached again");
      this.#fault = undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#fault) {
        logger.error({ issuer, reason }, "the keys of an issuer cannot be fetched");
      }
      this.#fault = reason;
    }
    if (this.#ended) return;
    const wait = this.#fault === undefined ? refreshMs : Math.min(RETRY_MS, refreshMs);
    this.#timer = setTimeout(() => void this.#load(), wait).unref();
  }
}

/** Fetches the key set that an issuer's discovery document names. */
async function fetchKeys(issuer: string): Promise<{ text: string; set: LocalJWKSet }> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const found = discovery.safeParse(await fetchDocument(address));
  if (!found.success) throw new Error(`${address} names no issuer and jwks_uri`);
  const { issuer: named, jwks_uri: jwksUri } = found.data;
  // OpenID Connect Discovery, 4.3: exactly, or one issuer could speak for another.
  if (named !== issuer) {
    throw new Error(`${address} names another issuer, ${JSON.stringify(named.slice(0, 200))}`);
  }
  if (!isIssuerAddress(jwksUri)) throw new Error(`jwks_uri of ${address} is no https address`);
  const keys = keySet.safeParse(await fetchDocument(jwksUri));
  if (!keys.success) throw new Error(`${jwksUri} sends no key set with keys`);
  return { text: JSON.stringify(keys.data), set: createLocalJWKSet(keys.data) };
}
