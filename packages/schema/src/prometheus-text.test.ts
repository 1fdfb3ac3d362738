import { expect, test } from "vitest";
import { parsePrometheus } from "./prometheus-text.ts";

test("reads types, labels, escapes, timestamps and the values that are no numerals", () => {
  const { types, samples } = parsePrometheus(
    [
      "# HELP a_total Things",
      "# TYPE a_total counter",
      'a_total{path="/x/{id}",text="say \\"hi\\"\\n\\\\"} 3 1700000000000',
      "plain 1.5e-3",
      'b_bucket{le="+Inf"} +Inf',
      "c NaN",
      "",
      "not a line of the format",
      "broken{ 1",
    ].join("\n"),
  );
  expect(types.get("a_total")).toBe("counter");
  expect(samples).toEqual([
    { name: "a_total", labels: { path: "/x/{id}", text: 'say "hi"\n\\' }, value: 3 },
    { name: "plain", labels: {}, value: 0.0015 },
    { name: "b_bucket", labels: { le: "+Inf" }, value: Infinity },
    { name: "c", labels: {}, value: NaN },
  ]);
});
