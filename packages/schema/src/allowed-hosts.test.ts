import { expect, test } from "vitest";
import { allowedHosts, misdirected } from "./allowed-hosts.ts";

test.each([
  ["localhost:8000", undefined],
  ["LOCALHOST", undefined],
  ["127.0.0.1:8000", undefined],
  ["[::1]:8000", undefined],
  ["sepal.example", undefined],
  ["evil.example:8000", "evil.example"],
  ["localhost.evil.example", "localhost.evil.example"],
  ["127.0.0.1.evil.example:80", "127.0.0.1.evil.example"],
  ["[::1].evil.example", undefined],
  ["", ""],
])("on a loopback address %s is named as %s in the rejection", (host, named) => {
  const allowed = allowedHosts({ listen: "127.0.0.1", publicUrl: "https://sepal.example:8443/ml" });
  // A name cannot begin with a bracket: browsers refuse such an address.
  expect(misdirected(host, allowed)).toEqual(
    named === undefined
      ? undefined
      : expect.stringContaining(`"${named}" is not one of ALLOWED_HOSTS`),
  );
});

test("accepts any host name when other machines reach the server or the setting allows it", () => {
  expect(allowedHosts({ listen: "0.0.0.0" })).toBeUndefined();
  expect(allowedHosts({ listen: "::" })).toBeUndefined();
  expect(allowedHosts({ listen: "127.0.0.1", names: ["*"] })).toBeUndefined();
});

test("takes the setting's names and this machine's own, whatever the address", () => {
  const allowed = allowedHosts({ listen: "0.0.0.0", names: ["Sepal.Example", "10.0.0.1:8000"] });
  expect(misdirected("sepal.example:443", allowed)).toBeUndefined();
  expect(misdirected("10.0.0.1", allowed)).toBeUndefined();
  expect(misdirected("127.0.0.1:8000", allowed)).toBeUndefined();
  expect(misdirected("other.example", allowed)).toBeDefined();
});
