import { parseNamedLines } from "./named-lines.ts";
import { parsePasswordHash, type PasswordHash } from "./password.ts";

/** Passwords by user. */
export type Users = ReadonlyMap<string, PasswordHash>;

/** Reads a user file: lines of `name:$scrypt$…`. */
export function parseUserFile(text: string): Users {
  return parseNamedLines(text, parsePasswordHash);
}
