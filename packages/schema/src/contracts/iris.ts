import { defineContract } from "../define-contract.ts";

/** Fisher's iris: four lengths in centimetres, three species. */
export const iris = defineContract({
  name: "iris",
  title: "Iris",
  description: "Which of three iris species a flower belongs to, from four lengths in centimetres.",
  task: "classification",
  features: [
    { name: "sepal_length", label: "Sepal length", unit: "cm" },
    { name: "sepal_width", label: "Sepal width", unit: "cm" },
    { name: "petal_length", label: "Petal length", unit: "cm" },
    { name: "petal_width", label: "Petal width", unit: "cm" },
  ],
  classes: ["setosa", "versicolor", "virginica"],
  domain: "positive",
  examples: [
    { name: "a typical setosa", features: [5.1, 3.5, 1.4, 0.2] },
    { name: "a typical versicolor", features: [6, 2.9, 4.5, 1.5] },
    { name: "a typical virginica", features: [6.9, 3.1, 5.4, 2.1] },
    { name: "between versicolor and virginica", features: [6, 2.7, 5.1, 1.6] },
  ],
});
