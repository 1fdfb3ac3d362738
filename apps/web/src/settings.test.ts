import { expect, test } from "vitest";
import { parseSettings } from "./settings.ts";

test("without variables the API is on its own default address", () => {
  expect(parseSettings({})).toEqual({
    WEB_HOST: "127.0.0.1",
    WEB_PORT: 3000,
    PATH_PREFIX: "",
    API_URL: "http://127.0.0.1:8000",
    PUBLIC_API_URL: "http://127.0.0.1:8000",
    WEB_TRUST_PROXY: expect.any(Function),
  });
  expect(parseSettings({}).WEB_TRUST_PROXY("127.0.0.1")).toBe(false);
});

test("the API's address follows where the API listens", () => {
  expect(parseSettings({ HOST: "0.0.0.0", PORT: "9000" }).API_URL).toBe("http://127.0.0.1:9000");
  expect(parseSettings({ HOST: "::1", PORT: "9000" }).API_URL).toBe("http://[::1]:9000");
});

test("clients may find the API elsewhere than the playground's server does", () => {
  const settings = parseSettings({ API_URL: "http://api:8000/", PUBLIC_API_URL: "https://x.test" });
  expect(settings.API_URL).toBe("http://api:8000");
  expect(settings.PUBLIC_API_URL).toBe("https://x.test");
});

test.each([
  [{ WEB_PORT: "70000" }, /^WEB_PORT must be a whole number from 0 to 65535, not "70000"$/],
  [
    { ALLOWED_HOSTS: "https://sepal.example" },
    /^ALLOWED_HOSTS must be names such as sepal.example/,
  ],
  [{ WEB_TRUST_PROXY: "nginx" }, /^WEB_TRUST_PROXY must be true, false, or addresses and networks/],
  [{ API_URL: "ftp://x" }, /^API_URL must be an http or https address, not "ftp:\/\/x"$/],
])("%j is rejected with a clear line", (variables, line) => {
  expect(() => parseSettings(variables)).toThrow(line);
});
