import * as fc from "fast-check";
import { expect, test } from "vitest";
import { forms, portable } from "./bytes.ts";

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc
    .string({ unit: fc.constantFrom("a", "\u0080", "é", "€", "😀", "\uFEFF"), maxLength: 8 })
    .map((text) => new TextEncoder().encode(text)),
);

test("a browser reads and writes bytes as Node.js does", () => {
  expect(forms).not.toBe(portable);
  fc.assert(
    fc.property(bytes, (given) => {
      const text = forms.byteString(given);
      expect(portable.byteString(given)).toBe(text);
      expect(portable.bytesOf(text)).toEqual(given);
      expect(forms.bytesOf(text)).toEqual(given);
      expect(portable.isUtf8(given)).toBe(forms.isUtf8(given));
      expect(portable.decodeUtf8(text)).toBe(forms.decodeUtf8(text));
      expect(portable.encodeUtf8(text)).toBe(forms.encodeUtf8(text));
    }),
    { numRuns: 2000 },
  );
});

test("a browser reads blocks longer than a call has arguments", () => {
  const given = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256);
  expect(portable.bytesOf(portable.byteString(given))).toEqual(given);
});
