import { KeyIndex } from "./key-index.ts";
import { keyDigest } from "../settings/named-key.ts";
import { parseNamedLines } from "./named-lines.ts";

const VALUE = /^sha256:([\da-f]{64})$/;

/** Reads a key file: lines of `name:sha256:<64 hex digits>`. */
export function parseKeyFile(text: string): KeyIndex {
  const digests = parseNamedLines(text, (value) => {
    const hex = VALUE.exec(value)?.[1];
    return hex === undefined ? undefined : Buffer.from(hex, "hex");
  });
  return new KeyIndex([...digests].map(([name, digest]) => ({ name, digest })));
}

/** What a key file says of a key, after its name. */
export function keyFileValue(key: string): string {
  return `sha256:${keyDigest(key).toString("hex")}`;
}
