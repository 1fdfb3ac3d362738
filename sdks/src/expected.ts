/** What every program that uses an SDK must print. */
export const EXPECTED = {
  label: "versicolor",
  labels: ["setosa", "virginica"],
  status: 422,
  rules: [{ type: "greater_than", loc: ["body", "features", 0] }],
};
