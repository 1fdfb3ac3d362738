import { expect, test } from "vitest";
import { trustedProxies } from "./trusted-proxies.ts";

test.each([
  ["true", "203.0.113.1", true],
  ["false", "127.0.0.1", false],
  ["loopback", "127.0.0.1", true],
  ["loopback", "::1", true],
  ["loopback", "::ffff:127.0.0.1", true],
  ["loopback", "10.0.0.1", false],
  ["uniquelocal, 203.0.113.7", "172.20.0.3", true],
  ["uniquelocal, 203.0.113.7", "203.0.113.7", true],
  ["uniquelocal, 203.0.113.7", "203.0.113.8", false],
  ["2001:db8::/32", "2001:db8:1::1", true],
  ["2001:db8::/32", "2001:db9::1", false],
])("%s: whether %s is believed is %s", (setting, address, expected) => {
  expect(trustedProxies.parse(setting)(address)).toBe(expected);
});

test.each(["yes", "1", "", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8x", "loopback,"])(
  "%j is neither an address nor a network",
  (setting) => {
    expect(() => trustedProxies.parse(setting)).toThrow("must be true, false, or addresses");
  },
);
