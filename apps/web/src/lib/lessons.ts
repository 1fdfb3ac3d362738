/** One rejected request: what is sent, the status, and what to learn from it. */
export interface Lesson {
  readonly title: string;
  /** What is odd about the request, in a sentence. */
  readonly story: string;
  /** The rejected body, as text: it need not be JSON. */
  readonly body: string;
  /** How many copies of the body's single row are sent; 1 for all but one lesson. */
  readonly copies: number;
  /** The REST route and its tRPC twin. */
  readonly route: { readonly rest: string; readonly procedure: string };
  /** The status that the server returns. */
  readonly status: number;
  /** Why, and how to fix it. */
  readonly moral: string;
}

const SINGLE = { rest: "/predict", procedure: "predict" };
const BATCH = { rest: "/predict-batch", procedure: "predictBatch" };

/** What each status is called, for the choices of a guess. */
export const GUESSES: readonly { readonly status: number; readonly text: string }[] = [
  { status: 200, text: "200, a prediction" },
  { status: 400, text: "400, not valid JSON" },
  { status: 404, text: "404, not found" },
  { status: 413, text: "413, too large" },
  { status: 422, text: "422, valid JSON that breaks a rule" },
];

/** The lessons about a row of lengths, in order. */
export function lessonsFor(good: readonly number[]): Lesson[] {
  const count = good.length;
  const vector = (values: readonly (number | string)[]) => `{"features": [${values.join(", ")}]}`;
  const single = { copies: 1, route: SINGLE };
  return [
    {
      ...single,
      title: "A missing number",
      story: `The contract has ${count} features. This request has ${count - 1}.`,
      body: vector(good.slice(0, -1)),
      status: 422,
      moral: `The list is wrong, not one of its numbers, so loc ends at features. Add the missing number.`,
    },
    {
      ...single,
      title: "A negative length",
      story: "One of the numbers is outside the range of its feature.",
      body: vector([-(good[0] ?? 1), ...good.slice(1)]),
      status: 422,
      moral: "loc counts from 0, so features, 0 is the first number. A length is greater than 0.",
    },
    {
      ...single,
      title: "A number in quotes",
      story: "A form field was sent as text.",
      body: vector([`"${good[0]}"`, ...good.slice(1)]),
      status: 422,
      moral:
        "The strict routes take JSON numbers only. Remove the quotes, or use /v1/predict, which parses such texts for older clients.",
    },
    {
      ...single,
      title: "Not a number",
      story: "Python's json.dumps and pandas write NaN. Is that JSON?",
      body: vector([...good.slice(0, 2), "NaN", ...good.slice(3)]),
      status: 400,
      moral: "JSON has no NaN, so the body is not JSON and no rule is checked. Send a number.",
    },
    {
      ...single,
      title: "A missing bracket",
      story: "The last character was cut off.",
      body: vector(good).slice(0, -1),
      status: 400,
      moral: "The error names the position where parsing stopped. Close the bracket.",
    },
    {
      ...single,
      title: "An unknown model",
      story: "The numbers are valid. The server has no model of this name.",
      body: `{"features": [${good.join(", ")}], "model_name": "rose-forest"}`,
      status: 404,
      moral: "The body breaks no rule, but the model does not exist. GET /models lists the names.",
    },
    {
      title: "A body that is too large",
      story: "950,000 rows in one request, about 18 MB of JSON.",
      body: `{"rows": [[${good.join(",")}]]}`,
      copies: 950_000,
      route: BATCH,
      status: 413,
      moral:
        "The server stops reading at its limit of 16 MiB. Send at most 100,000 rows a request, or a file to /predict-file.",
    },
  ];
}

/** The text that is sent: the body, its only row repeated where a lesson is about size. */
export function lessonText(body: string, copies: number): string {
  if (copies === 1) return body;
  const row = /\[\[[^\]]*\]\]/.exec(body)?.[0].slice(1, -1) ?? "";
  return body.replace(`[${row}]`, () => `[${`${row},`.repeat(copies).slice(0, -1)}]`);
}
