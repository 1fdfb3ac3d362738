import type { Logger } from "pino";
import { SettingsError } from "@sepal/settings/settings-error";
import { Authenticator, unverified, type IdentitySource } from "./access-control.ts";
import type { IdentitySettings } from "../settings/identity-settings.ts";
import { parseKeyFile } from "./key-index.ts";
import { OidcTokens } from "./oidc-tokens.ts";
import { Tokens } from "./tokens.ts";
import { parseUserFile, type Users } from "./password.ts";
import { WatchedFile } from "./watched-file.ts";

/** A file of keys or users that cannot be used, or an issuer whose keys cannot be fetched. */
export interface IdentityFault {
  readonly setting: IdentitySource;
  /** What is wrong and how long what was read before holds; names no path. */
  readonly reason: string;
}

/** Which callers are let in, and what follows files and issuers. */
export interface Identity {
  readonly authenticator: Authenticator;
  /** What `POST /login` needs; absent where there are no users. */
  readonly login: { readonly tokens: Tokens; readonly users: () => Users } | undefined;
  /** Files and issuers that cannot be used now, by their setting. */
  readonly faults: () => readonly IdentityFault[];
  /** Stops following files and issuers. */
  readonly close: () => void;
}

async function open<T>(
  name: "API_KEYS_FILE" | "USERS_FILE",
  parse: (text: string) => T,
  settings: IdentitySettings,
  logger: Logger,
): Promise<WatchedFile<T> | undefined> {
  const path = settings[name];
  if (path === undefined) return undefined;
  const graceMs = settings.IDENTITY_FILE_GRACE_S * 1000;
  try {
    return await WatchedFile.open({ path, parse, logger, graceMs });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError([`${name} cannot be used: ${reason}`]);
  }
}

function valueOf(users: WatchedFile<Users>): Users {
  const { value } = users;
  if (value === undefined) throw unverified("USERS_FILE");
  return value;
}

function faultOf(
  setting: IdentityFault["setting"],
  file: Pick<WatchedFile<unknown>, "fault"> | undefined,
): IdentityFault[] {
  const reason = file?.fault;
  return reason === undefined ? [] : [{ setting, reason }];
}

/** Opens what the settings name; fails with a `SettingsError` where a file cannot be used. */
export async function openIdentity(settings: IdentitySettings, logger: Logger): Promise<Identity> {
  const { JWT_SECRET: secret, USERS_FILE } = settings;
  // The commands that write the file need no secret.
  if (USERS_FILE !== undefined && secret === undefined) {
    throw new SettingsError(["JWT_SECRET must be set where USERS_FILE is"]);
  }
  const oidc = settings.OIDC_ISSUERS.length === 0 ? undefined : new OidcTokens(settings, logger);
  const keys = await open("API_KEYS_FILE", parseKeyFile, settings, logger);
  const userFile = await open("USERS_FILE", parseUserFile, settings, logger);
  const users = userFile && (() => valueOf(userFile));
  const tokens = secret === undefined ? undefined : new Tokens({ ...settings, secret, users });
  const fileKeys = keys && (() => keys.value);
  return {
    authenticator: new Authenticator(settings, { fileKeys, tokens, oidc }),
    login: tokens && users && { tokens, users },
    faults: () => [
      ...faultOf("API_KEYS_FILE", keys),
      ...faultOf("USERS_FILE", userFile),
      ...(oidc?.faults() ?? []).map((reason) => ({ setting: "OIDC_ISSUERS" as const, reason })),
    ],
    close() {
      oidc?.close();
      keys?.close();
      userFile?.close();
    },
  };
}
