import { defineContract } from "../define-contract.ts";

const length = { type: "number", unit: "cm", exclusive_minimum: 0 } as const;

/** Fisher's iris: four lengths in centimetres, three species. */
export const iris = defineContract({
  name: "iris",
  title: "Iris",
  description: "Which of three iris species a flower belongs to, from four lengths in centimetres.",
  task: "classification",
  rows: "list",
  features: [
    // The aliases are the headings of the table on Kaggle.
    { ...length, name: "sepal_length", label: "Sepal length", aliases: ["SepalLengthCm"] },
    { ...length, name: "sepal_width", label: "Sepal width", aliases: ["SepalWidthCm"] },
    { ...length, name: "petal_length", label: "Petal length", aliases: ["PetalLengthCm"] },
    { ...length, name: "petal_width", label: "Petal width", aliases: ["PetalWidthCm"] },
  ],
  classes: ["setosa", "versicolor", "virginica"],
  about: {
    source: "Fisher (1936), https://archive.ics.uci.edu/dataset/53/iris; scikit-learn",
    licence: "CC-BY-4.0",
    row_count: 150,
    row: "a flower",
  },
  examples: [
    { name: "a typical setosa", features: [5.1, 3.5, 1.4, 0.2] },
    { name: "a typical versicolor", features: [6, 2.9, 4.5, 1.5] },
    { name: "a typical virginica", features: [6.9, 3.1, 5.4, 2.1] },
    { name: "between versicolor and virginica", features: [6, 2.7, 5.1, 1.6] },
  ],
});
