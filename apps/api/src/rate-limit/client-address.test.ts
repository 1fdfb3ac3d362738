import { expect, test } from "vitest";
import { addressOwner } from "./client-address.ts";

test.each([
  ["203.0.113.9", "address:203.0.113.9"],
  ["::ffff:203.0.113.9", "address:203.0.113.9"],
  ["2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "address:2001:db8:1:2::/64"],
  ["2001:db8::1", "address:2001:db8:0:0::/64"],
  ["fe80::1%eth0", "address:fe80:0:0:0::/64"],
  ["fe80::1%wlan-0.1", "address:fe80:0:0:0::/64"],
  ["2001:db8::5:6:7:203.0.113.9", "address:2001:db8:0:5::/64"],
  ["::1", "address:0:0:0:0::/64"],
  ["unknown", "address:sjpqhDnA3eVRWJPnyQweMjO4YW5jRHDyDcSSi882Cbw"],
])("%s counts as %s", (address, owner) => expect(addressOwner(address)).toBe(owner));

test.each([
  "x".repeat(16_000),
  `::ffff:${"1".repeat(16_000)}.1.1.1`,
  `fe80::1%${"e".repeat(16_000)}`,
])("an address of any length gives a short owner", (address) =>
  expect(addressOwner(address).length).toBeLessThan(60),
);
