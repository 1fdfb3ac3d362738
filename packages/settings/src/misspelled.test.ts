import { expect, test } from "vitest";
import { identityMisspellings, misspellings } from "./misspelled.ts";
import { SETTINGS } from "./setting-names.ts";

const values = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "x"]));

test("names of an ordinary environment are no misspellings", () => {
  const names = `HOME PATH PWD USER SHELL HOSTNAME LOGNAME LANG LC_ALL TERM TZ EDITOR PAGER DISPLAY
    XDG_DATA_DIRS XDG_DATA_HOME SSH_AUTH_SOCK http_proxy NODE_ENV NODE_OPTIONS
    npm_config_user_agent INIT_CWD GITHUB_TOKEN AWS_REGION KUBERNETES_SERVICE_HOST
    KUBERNETES_PORT OPENAI_API_KEY POSTGRES_PASSWORD SEPAL_API_SERVICE_HOST
    SEPAL_API_SERVICE_PORT GRAFANA_ADMIN_PASSWORD MODEL KEY`;
  const ordinary = values(names.split(/\s+/));
  expect(misspellings(ordinary, "api")).toEqual([]);
  expect(misspellings(ordinary, "playground")).toEqual([]);
  expect(identityMisspellings(ordinary)).toEqual([]);
});

test("settings themselves are no misspellings of each other", () => {
  const all = values(Object.keys(SETTINGS));
  expect(misspellings(all, "api")).toEqual([]);
  expect(identityMisspellings(all)).toEqual([]);
});

test("each program reports only its own settings and ignores empty variables", () => {
  const variables = { WEB_PROT: "1", LOGLEVEL: "debug", MAX_ROW: "1", api_keys: "" };
  expect(misspellings(variables, "api")).toEqual([{ name: "LOGLEVEL", meant: "LOG_LEVEL" }]);
  expect(misspellings(variables, "playground")).toEqual([{ name: "WEB_PROT", meant: "WEB_PORT" }]);
});

test("the misspellings of identity are found in any case and with any separators", () => {
  const found = identityMisspellings(values(["API_KEY", "apikeys", "Api-Keys", "JWT_KEY", "KEY"]));
  expect(found.map(({ name, meant }) => `${name} ${meant}`)).toEqual([
    "API_KEY API_KEYS",
    "apikeys API_KEYS",
    "Api-Keys API_KEYS",
    "JWT_KEY JWT_SECRET",
  ]);
});
