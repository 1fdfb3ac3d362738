import { SETTINGS } from "./setting-names.ts";

/** Variables of Node.js and of libraries that a `.env` may set besides settings; a star stands for the rest of a name. */
export const OTHER_VARIABLES: readonly string[] = [
  "NODE_*",
  "NEXT_*",
  "OTEL_*",
  "ORT_*",
  "PG*",
  "UV_*",
  "SSL_CERT_*",
  "LC_*",
  "LANG",
  "TZ",
  "CI",
  "DEBUG",
  "NO_COLOR",
  "FORCE_COLOR",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
  "COMPOSE_*",
  "GRAFANA_ADMIN_PASSWORD",
  "POSTGRES_PASSWORD",
];

const prefixes = OTHER_VARIABLES.flatMap((name) => (name.endsWith("*") ? [name.slice(0, -1)] : []));
const names = new Set(OTHER_VARIABLES);

/** Whether a variable belongs to something else than Sepal. */
export function isOtherVariable(name: string): boolean {
  return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

/**
 * Names that are taken for a setting of identity, in capitals and without separators. Where nothing else says who may
 * call, one of them in the environment ends the start: the server would let everybody in.
 */
export const IDENTITY_MISSPELLINGS: Readonly<Record<string, readonly string[]>> = {
  API_KEYS: ["APIKEY", "APIKEYS", "APITOKEN", "APITOKENS", "XAPIKEY", "SEPALAPIKEYS"],
  API_KEYS_FILE: ["APIKEYFILE", "APIKEYSFILE", "APIKEYPATH", "APIKEYSPATH", "KEYSFILE"],
  USERS_FILE: ["USERFILE", "USERSFILE", "USERSPATH"],
  JWT_SECRET: ["JWTKEY", "JWTSECRET", "JWTSECRETS", "JWTSECRETKEY", "JWTSIGNINGKEY"],
  OIDC_ISSUERS: ["OIDCISSUER", "OIDCISSUERS", "OIDCISSUERURL", "OIDCURL", "OIDCAUTHORITY"],
  ADMIN_KEYS: ["ADMINKEY", "ADMINKEYS", "ADMINAPIKEY", "ADMINAPIKEYS", "ADMINTOKEN"],
};

const identityNames = new Map(
  Object.entries(IDENTITY_MISSPELLINGS).flatMap(([setting, names]) =>
    names.map((name) => [name, setting] as const),
  ),
);

/** A variable that is no setting, and the setting it is taken for. */
export interface Misspelling {
  readonly name: string;
  readonly meant: string;
}

const settings = Object.keys(SETTINGS).map((name) => ({ name, bare: bare(name) }));

/** Longer names are no misspelling of a setting. */
const MAX_LENGTH = 60;

/** A name without case and separators. */
function bare(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, "");
}

/** How many letters have to be inserted, removed, replaced or swapped to make one word the other. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1);
      current.push(best);
    }
    before = previous;
    previous = current;
  }
  return previous[other.length] ?? 0;
}

/** The setting a name is taken for: one of identity by the table, else the one with the fewest letters wrong. */
export function meantSetting(name: string): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const text = bare(name).replace(/^SEPAL/, "");
  const identity = identityNames.get(bare(name)) ?? identityNames.get(text);
  if (identity !== undefined) return identity;
  let nearest: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const setting of settings) {
    const wrong = distance(text, setting.bare);
    // Of a short word more letters make another word.
    if (wrong >= fewest || wrong > Math.min(2, setting.bare.length / 4)) continue;
    nearest = setting.name;
    fewest = wrong;
  }
  return nearest;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

/** The variables that are listed as misspellings of a setting of identity. */
export function identityMisspellings(
  variables: Readonly<Record<string, string | undefined>>,
): Misspelling[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    const meant = identityNames.get(bare(name));
    return meant === undefined || Object.hasOwn(SETTINGS, name) || !isSet(value)
      ? []
      : [{ name, meant }];
  });
}

/** The variables that look like a setting of a program and are none. */
export function misspellings(
  variables: Readonly<Record<string, string | undefined>>,
  program: "api" | "playground",
): Misspelling[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    if (Object.hasOwn(SETTINGS, name) || isOtherVariable(name) || !isSet(value)) return [];
    const meant = meantSetting(name);
    return meant === undefined || SETTINGS[meant] !== program ? [] : [{ name, meant }];
  });
}
