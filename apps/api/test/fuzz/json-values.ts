import * as fc from "fast-check";

/** Values that stand on the edge of some rule. */
const EDGES: readonly unknown[] = [
  0,
  -1,
  1.5,
  1e39,
  1e-46,
  1e308,
  2 ** 53,
  true,
  null,
  "",
  "5.1",
  " 2 ",
  "1",
  "iris-mlp",
  "wine-forest",
  "rose",
  "FP64",
  "x".repeat(300),
  "\ud800",
  [],
  {},
  [[]],
  [[1, 2, 3, 4]],
  { binary_data: true },
  { binary_data_size: 16 },
];

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom(...EDGES), weight: 3 },
  fc.jsonValue({ maxDepth: 2 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const key = fc.oneof(
  fc.constantFrom(
    "model_name",
    "model_version",
    "batch_size",
    "id",
    "outputs",
    "__proto__",
    "extra",
  ),
  fc.string({ maxLength: 8 }),
);

const change = fc.record({
  at: fc.nat(10_000),
  how: fc.constantFrom("replace", "replace", "remove", "repeat", "add", "wrap"),
  value: anyValue,
  key,
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** Every place in a value: what holds it and under which key. */
function places(value: unknown, found: [holder: object, key: string][] = []) {
  if (typeof value !== "object" || value === null) return found;
  for (const [name, child] of Object.entries(value)) {
    found.push([value, name]);
    places(child, found);
  }
  return found;
}

function changed(root: unknown, { at, how, value: template, key: name }: Change): unknown {
  // A copy: later changes may go inside it.
  const value: unknown = structuredClone(template);
  const all = places(root);
  const place = all[at % (all.length + 1)];
  if (place === undefined) return how === "wrap" ? [root] : how === "replace" ? value : root;
  const [holder, own] = place;
  const child: unknown = Reflect.get(holder, own);
  if (how === "replace") Reflect.set(holder, own, value);
  else if (how === "wrap") Reflect.set(holder, own, [child]);
  else if (Array.isArray(holder)) {
    if (how === "remove") holder.splice(Number(own), 1);
    else holder.push(structuredClone(child));
  } else if (how === "remove") Reflect.deleteProperty(holder, own);
  else Object.defineProperty(holder, name, { value, enumerable: true, configurable: true });
  return root;
}

/** An example with up to three changes; often none. */
export function variants(example: unknown): fc.Arbitrary<unknown> {
  const changes = fc.oneof(fc.constant([]), fc.array(change, { minLength: 1, maxLength: 3 }));
  return changes.map((list) => list.reduce<unknown>(changed, structuredClone(example)));
}

const spoil: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.nat(400).map((end) => (text: string) => text.slice(0, end)),
  fc
    .tuple(fc.nat(400), fc.constantFrom("1e400", "NaN", "\0", ",", "}", "\u{1F33A}", "\ufeff", " "))
    .map(
      ([at, piece]) =>
        (text: string) =>
          text.slice(0, at) + piece + text.slice(at),
    ),
  fc.constantFrom(
    () => "",
    () => "null",
    () => "[".repeat(20_000),
    () => `"${"x".repeat(70_000)}"`,
    (text: string) => `\ufeff${text}`,
    (text: string) => `${text}${" ".repeat(17_000)}`,
    (text: string) => text + text,
  ),
);

/** JSON text of variants of an example, some of it broken. */
export function jsonTexts(example: unknown): fc.Arbitrary<string> {
  const good = variants(example).map((value) => JSON.stringify(value) ?? "");
  const broken = fc.tuple(good, spoil).map(([text, apply]) => apply(text));
  return fc.oneof({ arbitrary: good, weight: 4 }, { arbitrary: broken, weight: 1 });
}

/** A text with up to a few pieces changed, for bodies that are no JSON. */
export function textVariants(example: string): fc.Arbitrary<string> {
  const broken = fc.tuple(fc.constant(example), spoil).map(([text, apply]) => apply(text));
  return fc.oneof(fc.constant(example), broken, fc.string({ maxLength: 200 }));
}
