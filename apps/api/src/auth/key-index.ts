import { timingSafeEqual } from "node:crypto";
import { keyDigest, type NamedKey } from "../settings/identity-settings.ts";
import { parseNamedLines } from "./credential-file.ts";

/** Finds a key by its digest, at the same cost for one key and for thousands. */
export class KeyIndex {
  readonly #byPrefix = new Map<number, NamedKey[]>();
  readonly size: number;

  constructor(keys: readonly NamedKey[]) {
    this.size = keys.length;
    for (const key of keys) {
      const prefix = key.digest.readUInt32LE();
      this.#byPrefix.set(prefix, [...(this.#byPrefix.get(prefix) ?? []), key]);
    }
  }

  /**
   * The key with this digest. The first 32 bits choose whom to compare, the whole is compared in
   * constant time: timing reveals at most 32 bits of a hash, of which no key follows.
   */
  find(digest: Buffer): NamedKey | undefined {
    const candidates = this.#byPrefix.get(digest.readUInt32LE());
    return candidates?.find((key) => timingSafeEqual(key.digest, digest));
  }
}

const VALUE = /^sha256:([\da-f]{64})$/;

/** Reads a key file: lines of `name:sha256:<64 hex digits>`. */
export function parseKeyFile(text: string): KeyIndex {
  const digests = parseNamedLines(text, (value) => {
    const hex = VALUE.exec(value)?.[1];
    return hex === undefined ? undefined : Buffer.from(hex, "hex");
  });
  return new KeyIndex([...digests].map(([name, digest]) => ({ name, digest })));
}

/** The value of a key in a key file, after its name. */
export function keyFileValue(key: string): string {
  return `sha256:${keyDigest(key).toString("hex")}`;
}
