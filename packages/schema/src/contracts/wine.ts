import { defineContract } from "../define-contract.ts";

const measurement = { type: "number", minimum: 0 } as const;

/** Forina's wines: thirteen measurements, three wines of Piedmont; the source names no unit but that of alcohol. */
export const wine = defineContract({
  name: "wine",
  title: "Wine",
  description: "Which of three Piedmontese wines a bottle holds, from thirteen measurements.",
  task: "classification",
  rows: "list",
  features: [
    { ...measurement, name: "alcohol", label: "Alcohol", unit: "%", group: "Composition" },
    { ...measurement, name: "malic_acid", label: "Malic acid", group: "Composition" },
    { ...measurement, name: "ash", label: "Ash", group: "Composition" },
    { ...measurement, name: "alcalinity_of_ash", label: "Alcalinity of ash", group: "Composition" },
    { ...measurement, name: "magnesium", label: "Magnesium", group: "Composition" },
    { ...measurement, name: "total_phenols", label: "Total phenols", group: "Phenols" },
    { ...measurement, name: "flavanoids", label: "Flavanoids", group: "Phenols" },
    {
      ...measurement,
      name: "nonflavanoid_phenols",
      label: "Nonflavanoid phenols",
      group: "Phenols",
    },
    { ...measurement, name: "proanthocyanins", label: "Proanthocyanins", group: "Phenols" },
    { ...measurement, name: "color_intensity", label: "Colour intensity", group: "Colour" },
    { ...measurement, name: "hue", label: "Hue", group: "Colour" },
    {
      ...measurement,
      name: "od280_od315_of_diluted_wines",
      label: "OD280/OD315, diluted",
      group: "Colour",
    },
    { ...measurement, name: "proline", label: "Proline", group: "Composition" },
  ],
  classes: ["barolo", "grignolino", "barbera"],
  about: {
    source: "Forina and others (1986), https://archive.ics.uci.edu/dataset/109/wine; scikit-learn",
    licence: "CC-BY-4.0",
    row_count: 178,
    row: "a wine",
  },
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
