import type { Logger } from "pino";
import { SettingsError } from "../settings/settings-error.ts";
import { Authenticator } from "./authenticator.ts";
import type { IdentitySettings } from "./identity-settings.ts";
import { parseKeyFile } from "./key-file.ts";
import { Tokens } from "./tokens.ts";
import { parseUserFile, type Users } from "./user-file.ts";
import { WatchedFile } from "./watched-file.ts";

/** Who may call, and what follows the files that say so. */
export interface Identity {
  readonly authenticator: Authenticator;
  /** What `POST /login` needs; absent where there are no users. */
  readonly login: { readonly tokens: Tokens; readonly users: () => Users } | undefined;
  /** Stops following the files. */
  readonly close: () => void;
}

async function open<T>(
  name: string,
  path: string | undefined,
  parse: (text: string) => T,
  logger: Logger,
): Promise<WatchedFile<T> | undefined> {
  if (path === undefined) return undefined;
  try {
    return await WatchedFile.open(path, parse, logger);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError([`${name} cannot be used: ${reason}`]);
  }
}

/** Opens what the settings name; fails with a `SettingsError` where a file cannot be used. */
export async function openIdentity(settings: IdentitySettings, logger: Logger): Promise<Identity> {
  const { JWT_SECRET: secret, USERS_FILE } = settings;
  if (USERS_FILE !== undefined && secret === undefined) {
    throw new SettingsError(["JWT_SECRET must be set where USERS_FILE is"]);
  }
  const keys = await open("API_KEYS_FILE", settings.API_KEYS_FILE, parseKeyFile, logger);
  const userFile = await open("USERS_FILE", USERS_FILE, parseUserFile, logger);
  const users = userFile && (() => userFile.value);
  const tokens = secret === undefined ? undefined : new Tokens({ ...settings, secret, users });
  const fileKeys = keys && (() => keys.value);
  return {
    authenticator: new Authenticator(settings, { fileKeys, tokens }),
    login: tokens && users && { tokens, users },
    close() {
      keys?.close();
      userFile?.close();
    },
  };
}
