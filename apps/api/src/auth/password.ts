import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { parseNamedLines } from "./credential-file.ts";

/** A stored password. */
interface PasswordHash {
  /** As the file has it, in PHC form: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`. */
  readonly text: string;
  /** Binary logarithm of scrypt's N. */
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** One of OWASP's equal choices for scrypt: 32 MiB and about 0.2 s of one thread. */
const COST = { ln: 15, r: 8, p: 3 };

const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/-]{16,})\$([\w+/-]{32,})$/;

type Derivation = Pick<PasswordHash, "ln" | "r" | "p" | "salt"> & { readonly length: number };

function derive(password: string, { ln, r, p, salt, length }: Derivation): Promise<Buffer> {
  const N = 2 ** ln;
  return new Promise((resolve, reject) => {
    const options = { N, r, p, maxmem: 2 * 128 * N * r };
    // The same text is the same password, however its accents are composed.
    scrypt(password.normalize("NFKC"), salt, length, options, (error, hash) =>
      error === null ? resolve(hash) : reject(error),
    );
  });
}

function withoutPadding(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

/** Hashes a password with a salt of its own, in PHC form. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, { ...COST, salt, length: 32 });
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${withoutPadding(salt)}$${withoutPadding(hash)}`;
}

/** Reads a hash in PHC form; `undefined` where it is none, or one so costly that a login would stall. */
function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, ln, r, p, salt, hash] = PHC.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return undefined;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln < 10 || 2 ** cost.ln * cost.r * cost.p > 2 ** 20 || cost.p < 1) return undefined;
  return { text, ...cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

/** Whether a password is the one that was hashed, compared in constant time. */
export async function verifyPassword(stored: PasswordHash, password: string): Promise<boolean> {
  const { ln, r, p, salt, hash } = stored;
  return timingSafeEqual(await derive(password, { ln, r, p, salt, length: hash.length }), hash);
}

/** A hash that no password has, so that asking for an unknown user costs what a wrong password costs. */
export const NOBODY: PasswordHash = {
  text: "",
  ...COST,
  salt: randomBytes(16),
  hash: randomBytes(32),
};

/** Passwords by user. */
export type Users = ReadonlyMap<string, PasswordHash>;

/** Reads a user file: lines of `name:$scrypt$…`. */
export function parseUserFile(text: string): Users {
  return parseNamedLines(text, parsePasswordHash);
}
