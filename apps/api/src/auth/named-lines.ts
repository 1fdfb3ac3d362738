/** What a key's or a user's name may be: the log writes it without escaping. */
export const CALLER_NAME = /^[A-Za-z0-9][\w.@+-]{0,63}$/;

/**
 * Reads a file of `name:value` lines, with blank lines and `#` comments; fails with the number of
 * the first line that is wrong, and shows none of it: it may hold a secret by mistake, and the health routes show the reason.
 */
export function parseNamedLines<T>(
  text: string,
  read: (value: string) => T | undefined,
): Map<string, T> {
  const found = new Map<string, T>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const value = read(line.slice(colon + 1));
    if (!CALLER_NAME.test(name) || value === undefined) {
      throw new Error(`line ${index + 1} is not a name, a colon and a hash`);
    }
    if (found.has(name)) throw new Error(`line ${index + 1} repeats the name of an earlier line`);
    found.set(name, value);
  }
  return found;
}
