import { describe, expect, test } from "vitest";
import { SettingsError } from "@sepal/settings/settings-error";
import { parseSettings } from "./settings.ts";

function linesOf(variables: Record<string, string>): readonly string[] {
  try {
    parseSettings(variables);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
}

describe("parseSettings", () => {
  test("has a default for everything", () => {
    expect(parseSettings({})).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 8000,
      MODELS_DIR: "models",
      MAX_BATCH_ROWS: 100_000,
      MAX_BODY_BYTES: 16_777_216,
      DOCS_ENABLED: true,
      LOG_FORMAT: "json",
    });
  });

  test("names each wrong value on a line of its own", () => {
    expect(linesOf({ PORT: "eighty", LOG_LEVEL: "loud", DOCS_ENABLED: "yes" })).toEqual([
      'PORT must be a whole number from 0 to 65535, not "eighty"',
      'DOCS_ENABLED must be true or false, not "yes"',
      'LOG_LEVEL must be one of trace, debug, info, warn, error, silent, not "loud"',
    ]);
  });

  test.each([
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["MAX_BATCH_ROWS", "0"],
    ["BATCH_MAX_DELAY_MS", "1.5"],
    ["RATE_LIMIT", "100"],
    ["RATE_LIMIT", "0/second"],
    ["RATE_LIMIT", "5/day"],
    ["TRUST_PROXY", "everybody"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["REDIS_URL", "http://127.0.0.1"],
    ["DATABASE_URL", "mysql://127.0.0.1/sepal"],
    ["JWT_SECRET", "too short"],
    ["OIDC_ISSUERS", ","],
    ["OIDC_ISSUERS", "http://login.example.com"],
    ["OIDC_ISSUERS", "https://ada:secret@login.example.com"],
    ["OIDC_ISSUERS", "https://login.example.com?realm=a"],
    ["OIDC_ADMIN", "roles"],
  ])("%s=%s is refused", (name, value) => {
    expect(linesOf({ [name]: value })).toHaveLength(1);
  });

  test("an empty variable counts as not set", () => {
    expect(parseSettings({ PORT: "" }).PORT).toBe(8000);
  });

  test("documentation is off in production unless it is asked for", () => {
    expect(parseSettings({ NODE_ENV: "production" }).DOCS_ENABLED).toBe(false);
    expect(parseSettings({ NODE_ENV: "production", DOCS_ENABLED: "true" }).DOCS_ENABLED).toBe(true);
  });

  test("keys are kept as hashes, and a wrong one is not shown", () => {
    const key = "0123456789abcdef";
    const settings = parseSettings({ API_KEYS: `ci:${key}, ${key}-2`, ADMIN_KEYS: `${key}-3` });
    expect(settings.API_KEYS.map(({ name }) => name)).toEqual(["ci", "2"]);
    expect(settings.ADMIN_KEYS.map(({ name }) => name)).toEqual(["1"]);
    expect(JSON.stringify(settings)).not.toContain(key);
    expect(linesOf({ API_KEYS: `ci:${key},short` })).toEqual([
      expect.stringMatching(/^API_KEYS must be keys of 16 or more .* commas$/),
    ]);
    expect(linesOf({ ADMIN_KEYS: `ci:${key},ci:${key}2` })).toEqual([
      "ADMIN_KEYS names the key ci twice",
    ]);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ OIDC_ISSUERS: "https://a.example" }, /^OIDC_AUDIENCE must be set where OIDC_ISSUERS is/],
    [{ OIDC_AUDIENCE: "sepal" }, /^OIDC_ISSUERS must be set where OIDC_AUDIENCE is$/],
    [{ OIDC_ADMIN: "roles=x" }, /^OIDC_ISSUERS must be set where OIDC_ADMIN is$/],
    [{ OIDC_ISSUER: "https://a.example" }, /^OIDC_ISSUER is no setting, OIDC_ISSUERS is meant/],
    [
      {
        OIDC_ISSUERS: "https://a.example",
        OIDC_AUDIENCE: "sepal",
        JWT_SECRET: "0".repeat(32),
        JWT_ISSUER: "https://a.example",
      },
      /^JWT_ISSUER and OIDC_ISSUERS both name https:\/\/a\.example: /,
    ],
  ])("settings that do not go together are refused: %j", (variables, line) => {
    expect(linesOf(variables)).toEqual([expect.stringMatching(line)]);
  });

  test("issuers keep their spelling", () => {
    const variables = {
      OIDC_ISSUERS: "https://a.example/, http://127.0.0.1:9000/realms/x",
      OIDC_AUDIENCE: "sepal",
      OIDC_ADMIN: "https://a.example/roles=admin",
    };
    const settings = parseSettings(variables);
    expect(settings.OIDC_ISSUERS).toEqual(["https://a.example/", "http://127.0.0.1:9000/realms/x"]);
    expect(settings.OIDC_ADMIN).toEqual({ claim: "https://a.example/roles", value: "admin" });
  });

  test("lists are split at commas and trimmed", () => {
    expect(parseSettings({ REQUIRED_MODELS: "iris-mlp, iris-logistic," }).REQUIRED_MODELS).toEqual([
      "iris-mlp",
      "iris-logistic",
    ]);
  });
});
