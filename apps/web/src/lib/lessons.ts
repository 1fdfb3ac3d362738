import type { Contract } from "@sepal/schema/define-contract";

/** One way to be refused: what is sent, what a reader may guess, and what to learn from it. */
export interface Lesson {
  readonly title: string;
  /** What is odd about the request, in a sentence. */
  readonly story: string;
  /** The body that is refused, as text: it need not be JSON. */
  readonly body: string;
  /** How many copies of the body's single row are sent; 1 for all but one lesson. */
  readonly copies: number;
  /** The REST route and its tRPC twin. */
  readonly route: { readonly rest: string; readonly procedure: string };
  /** The status that the server answers. */
  readonly status: number;
  /** Why, and how it is mended. */
  readonly moral: string;
}

const SINGLE = { rest: "/predict", procedure: "predict" };
const BATCH = { rest: "/predict-batch", procedure: "predictBatch" };

/** What each status is called, for the choices of a guess. */
export const GUESSES: readonly { readonly status: number; readonly text: string }[] = [
  { status: 200, text: "200, it just works" },
  { status: 400, text: "400, this is not JSON" },
  { status: 404, text: "404, there is no such thing" },
  { status: 413, text: "413, that is too much" },
  { status: 422, text: "422, JSON that breaks a rule" },
];

/** The lessons about one contract, in order. */
export function lessonsFor(contract: Contract): Lesson[] {
  const good = [...contract.examples[0].features];
  const count = good.length;
  const vector = (values: readonly (number | string)[]) => `{"features": [${values.join(", ")}]}`;
  const single = { copies: 1, route: SINGLE };
  return [
    {
      ...single,
      title: "One number short",
      story: `The contract has ${count} features. This request brings ${count - 1}.`,
      body: vector(good.slice(0, -1)),
      status: 422,
      moral: `The list is what is wrong, not one of its numbers, so loc ends at features. Add the missing number.`,
    },
    {
      ...single,
      title: "A negative length",
      story: "Every number is a number, but one of them cannot be.",
      body: vector([-(good[0] ?? 1), ...good.slice(1)]),
      status: 422,
      moral: "loc counts from 0, so features, 0 is the first one. Nothing has a length below 0.",
    },
    {
      ...single,
      title: "A number in quotes",
      story: "A form field was sent as it was typed: as text.",
      body: vector([`"${good[0]}"`, ...good.slice(1)]),
      status: 422,
      moral:
        "The strict routes take JSON numbers only. Take off the quotes, or use /v1/predict, which reads such texts for old clients.",
    },
    {
      ...single,
      title: "Not a number",
      story: "Python's json.dumps and pandas write NaN. Is that a number?",
      body: vector([...good.slice(0, 2), "NaN", ...good.slice(3)]),
      status: 400,
      moral:
        "JSON has no NaN, so this is no JSON at all and no rule was even looked at. Send a real number.",
    },
    {
      ...single,
      title: "A lost bracket",
      story: "The last character went missing on the way.",
      body: vector(good).slice(0, -1),
      status: 400,
      moral: "The server says where reading stopped. Close what was opened.",
    },
    {
      ...single,
      title: "A model nobody has",
      story: "The numbers are fine. The name is not one the server knows.",
      body: `{"features": [${good.join(", ")}], "model_name": "rose-forest"}`,
      status: 404,
      moral:
        "The body keeps every rule, but what it names does not exist. GET /models lists the names.",
    },
    {
      title: "Far too much",
      story: "950,000 rows in one request, about 18 MB of JSON.",
      body: `{"rows": [[${good.join(",")}]]}`,
      copies: 950_000,
      route: BATCH,
      status: 413,
      moral:
        "The server stops reading at its limit of 16 MiB and never parses the rest. Send 100,000 rows or fewer, in several requests.",
    },
  ];
}

/** The text that is sent: the body, its only row repeated where a lesson is about size. */
export function lessonText(body: string, copies: number): string {
  if (copies === 1) return body;
  const row = /\[\[[^\]]*\]\]/.exec(body)?.[0].slice(1, -1) ?? "";
  return body.replace(`[${row}]`, () => `[${`${row},`.repeat(copies).slice(0, -1)}]`);
}
