import { hash } from "node:crypto";
import * as z from "zod";

/** A key under its name; what is kept of the key is its SHA-256, which suffices for 128 random bits and more. */
export interface NamedKey {
  readonly name: string;
  /** 32 bytes. */
  readonly digest: Buffer;
}

/** `name:key` or `key`; a key has only characters that a header takes, and the log writes a name without escaping. */
const ENTRY = /^(?:([A-Za-z0-9][\w.@+-]{0,63}):)?([\w.~+/=-]{16,256})$/;

const RULE =
  "must be keys of 16 or more letters, digits and -._~+/=, as key or name:key, by commas";

/** SHA-256 of a key. */
export function keyDigest(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

/** Keys of a variable; one without a name goes by its place, from 1. */
export const keyList = z.string().transform((text, context): NamedKey[] => {
  const keys: NamedKey[] = [];
  for (const item of text.split(",").map((part) => part.trim())) {
    if (item === "") continue;
    const [, name = String(keys.length + 1), key] = ENTRY.exec(item) ?? [];
    if (key === undefined) context.addIssue(RULE);
    else if (keys.some((other) => other.name === name)) {
      context.addIssue(`names the key ${name} twice`);
    } else keys.push({ name, digest: keyDigest(key) });
  }
  // Without a key everybody would be let in.
  if (keys.length === 0 && context.issues.length === 0) context.addIssue(RULE);
  return keys;
});
