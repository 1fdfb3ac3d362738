import { defineContract } from "../define-contract.ts";

/** Forina's wines: thirteen measurements, three wines of Piedmont; the source names no unit but that of alcohol. */
export const wine = defineContract({
  name: "wine",
  title: "Wine",
  description: "Which of three Piedmontese wines a bottle holds, from thirteen measurements.",
  task: "classification",
  features: [
    { name: "alcohol", label: "Alcohol", unit: "%", group: "Composition" },
    { name: "malic_acid", label: "Malic acid", unit: "", group: "Composition" },
    { name: "ash", label: "Ash", unit: "", group: "Composition" },
    { name: "alcalinity_of_ash", label: "Alcalinity of ash", unit: "", group: "Composition" },
    { name: "magnesium", label: "Magnesium", unit: "", group: "Composition" },
    { name: "total_phenols", label: "Total phenols", unit: "", group: "Phenols" },
    { name: "flavanoids", label: "Flavanoids", unit: "", group: "Phenols" },
    { name: "nonflavanoid_phenols", label: "Nonflavanoid phenols", unit: "", group: "Phenols" },
    { name: "proanthocyanins", label: "Proanthocyanins", unit: "", group: "Phenols" },
    { name: "color_intensity", label: "Colour intensity", unit: "", group: "Colour" },
    { name: "hue", label: "Hue", unit: "", group: "Colour" },
    {
      name: "od280_od315_of_diluted_wines",
      label: "OD280/OD315, diluted",
      unit: "",
      group: "Colour",
    },
    { name: "proline", label: "Proline", unit: "", group: "Composition" },
  ],
  classes: ["barolo", "grignolino", "barbera"],
  domain: "nonnegative",
  examples: [
    {
      name: "a typical barolo",
      features: [14.1, 2.02, 2.4, 18.8, 103, 2.75, 2.92, 0.32, 2.38, 6.2, 1.07, 2.75, 1060],
    },
    {
      name: "a typical grignolino",
      features: [12.25, 1.73, 2.12, 19, 80, 1.65, 2.03, 0.37, 1.63, 3.4, 1, 3.17, 510],
    },
    {
      name: "a typical barbera",
      features: [13.32, 3.24, 2.38, 21.5, 92, 1.93, 0.76, 0.45, 1.25, 8.42, 0.55, 1.62, 650],
    },
    {
      name: "between grignolino and barbera",
      features: [13.05, 3.86, 2.32, 22.5, 85, 1.65, 1.59, 0.61, 1.62, 4.8, 0.84, 2.01, 515],
    },
  ],
});
