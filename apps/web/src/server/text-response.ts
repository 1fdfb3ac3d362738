import { ServerResponse, type OutgoingHttpHeader, type OutgoingHttpHeaders } from "node:http";
import { constants, createGzip, type Gzip } from "node:zlib";
import { BUILT_PREFIX } from "../lib/path-prefix.ts";

/** Types whose text may have the built prefix in it. */
const PREFIXED = new Set([
  "text/html",
  "text/x-component",
  "application/javascript",
  "text/javascript",
]);

/** Types that are worth packing. */
const PACKED = new Set([...PREFIXED, "text/css", "image/svg+xml", "application/json"]);

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** Puts a prefix in the place of the built one, wherever the text is cut into pieces. */
class Prefixer {
  readonly #prefix: string;
  #held = "";

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  push(bytes: Uint8Array): Buffer {
    const text = (this.#held + Buffer.from(bytes).toString("latin1")).replaceAll(
      BUILT_PREFIX,
      () => this.#prefix,
    );
    let hold = Math.min(BUILT_PREFIX.length - 1, text.length);
    while (hold > 0 && !BUILT_PREFIX.startsWith(text.slice(-hold))) hold -= 1;
    this.#held = text.slice(text.length - hold);
    return Buffer.from(text.slice(0, text.length - hold), "latin1");
  }

  end(): Buffer {
    return Buffer.from(this.#held, "latin1");
  }
}

function accepts(header: string | undefined): boolean {
  return (header ?? "").split(",").some((coding) => {
    const [name = "", weight = ""] = coding.split(";");
    return name.trim().toLowerCase() === "gzip" && !/^\s?q=0(?:\.0*)?\s?$/.test(weight);
  });
}

/** What a write gets besides its bytes. */
type Rest = [
  (BufferEncoding | ((error?: Error | null) => void))?,
  ((error?: Error | null) => void)?,
];

function bytesOf(chunk: unknown, [encoding]: Rest): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  return Buffer.from(String(chunk), typeof encoding === "string" ? encoding : "utf8");
}

function callbackOf(rest: readonly unknown[]): (() => void) | undefined {
  const callback = rest.find((each) => typeof each === "function");
  return callback === undefined ? undefined : () => Reflect.apply(callback, undefined, []);
}

/**
 * A response whose text has the path of its request in the place of the built prefix, and is packed with gzip where the
 * client takes it: packing has to follow, so that Next.js may not do it.
 */
export class TextResponse extends ServerResponse {
  /** The path below which the client reaches the playground; empty for none. */
  prefix = "";
  #prefixer: Prefixer | undefined;
  #gzip: Gzip | undefined;

  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    for (const [name, value] of Object.entries(this.getHeaders())) {
      if (typeof value === "string" && value.includes(BUILT_PREFIX)) {
        this.setHeader(
          name,
          value.replaceAll(BUILT_PREFIX, () => this.prefix),
        );
      }
    }
    const [type = ""] = String(this.getHeader("content-type") ?? "").split(";");
    const hasBody = this.req.method !== "HEAD" && status !== 204 && status !== 304;
    if (PREFIXED.has(type)) {
      this.removeHeader("content-length");
      if (hasBody) this.#prefixer = new Prefixer(this.prefix);
    }
    const transforms = !String(this.getHeader("cache-control") ?? "").includes("no-transform");
    if (PACKED.has(type) && transforms && !this.hasHeader("content-encoding")) {
      this.appendHeader("vary", "accept-encoding");
      if (hasBody && accepts(this.req.headers["accept-encoding"])) this.#pack();
    }
    if (typeof reason === "string") return super.writeHead(status, reason, headers);
    return super.writeHead(status, reason ?? headers);
  }

  #pack(): void {
    this.removeHeader("content-length");
    this.setHeader("content-encoding", "gzip");
    const gzip = createGzip();
    this.#gzip = gzip;
    gzip.on("data", (bytes: Buffer) => {
      if (!super.write(bytes)) gzip.pause();
    });
    gzip.on("end", () => super.end());
    this.on("drain", () => gzip.resume());
    this.on("close", () => gzip.destroy());
  }

  /** Sends what is packed so far; Next.js calls it behind each part of a page. */
  flush(): void {
    this.#gzip?.flush(constants.Z_SYNC_FLUSH);
  }

  override write(chunk: unknown, ...rest: Rest): boolean {
    if (!this.headersSent) this.writeHead(this.statusCode);
    if (this.#prefixer === undefined && this.#gzip === undefined) {
      return super.write(bytesOf(chunk, rest), callbackOf(rest));
    }
    const given = bytesOf(chunk, rest);
    const bytes = this.#prefixer?.push(given) ?? given;
    const callback = callbackOf(rest);
    if (this.#gzip === undefined) return super.write(bytes, callback);
    // Whoever waits for a drain gets that of the packer.
    const free = this.#gzip.write(bytes, callback);
    if (!free) this.#gzip.once("drain", () => this.emit("drain"));
    return free;
  }

  override end(chunk?: unknown, ...rest: Rest): this {
    const isEmpty = chunk === undefined || chunk === null || typeof chunk === "function";
    const bytes = isEmpty ? undefined : bytesOf(chunk, rest);
    if (!this.headersSent) {
      // As Node.js does where it sees the whole body at once.
      const states = this.hasHeader("content-length") || this.hasHeader("transfer-encoding");
      if (!states && ![204, 304].includes(this.statusCode)) {
        this.setHeader("content-length", bytes?.length ?? 0);
      }
      this.writeHead(this.statusCode);
    }
    const callback = callbackOf([chunk, ...rest]);
    if (callback !== undefined) this.once("finish", callback);
    if (this.#prefixer === undefined && this.#gzip === undefined) return super.end(bytes);
    if (bytes !== undefined) this.write(bytes);
    const last = this.#prefixer?.end();
    if (this.#gzip === undefined) return super.end(last);
    this.#gzip.end(last);
    return this;
  }
}
