import { defineContract } from "../define-contract.ts";

const positive = { type: "number", exclusive_minimum: 0 } as const;
const person = { ...positive, group: "Person" } as const;
const serum = { ...positive, group: "Blood serum" } as const;

/** Efron's diabetes patients: ten numbers in raw units, one number to predict. */
export const diabetes = defineContract({
  name: "diabetes",
  title: "Diabetes",
  description:
    "How far diabetes has progressed a year later, from ten measurements of a patient in their raw units.",
  task: "regression",
  features: [
    { ...person, name: "age", label: "Age", unit: "years" },
    {
      type: "integer",
      group: "Person",
      name: "sex",
      label: "Sex",
      description: "1 or 2; the source does not say which is which.",
      minimum: 1,
      maximum: 2,
    },
    {
      ...person,
      name: "bmi",
      label: "Body mass index",
      unit: "kg/m²",
      aliases: ["body_mass_index"],
    },
    {
      ...person,
      name: "bp",
      label: "Blood pressure",
      unit: "mmHg",
      description: "Average blood pressure.",
      aliases: ["blood_pressure"],
    },
    {
      ...serum,
      name: "s1",
      label: "Total cholesterol",
      unit: "mg/dl",
      aliases: ["tc", "total_cholesterol"],
    },
    {
      ...serum,
      name: "s2",
      label: "LDL",
      unit: "mg/dl",
      description: "Low-density lipoproteins.",
      aliases: ["ldl"],
    },
    {
      ...serum,
      name: "s3",
      label: "HDL",
      unit: "mg/dl",
      description: "High-density lipoproteins.",
      aliases: ["hdl"],
    },
    {
      ...serum,
      name: "s4",
      label: "Total cholesterol / HDL",
      aliases: ["tch"],
    },
    {
      ...serum,
      name: "s5",
      label: "Log triglycerides",
      description: "Possibly the logarithm of the serum triglycerides, as the source puts it.",
      aliases: ["ltg"],
    },
    {
      ...serum,
      name: "s6",
      label: "Blood sugar",
      unit: "mg/dl",
      aliases: ["glu", "glucose"],
    },
  ],
  targets: [
    {
      name: "progression",
      label: "Progression",
      description:
        "Measure of the disease's progression one year after the measurements: 25 to 346 in the data, without a unit.",
    },
  ],
  about: {
    source:
      "Efron, Hastie, Johnstone and Tibshirani (2004), https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html; scikit-learn",
    licence: "Not stated by the source; distributed by scikit-learn under BSD-3-Clause",
    row_count: 442,
    row: "a patient",
  },
  examples: [
    {
      name: "a patient in the middle",
      features: {
        age: 61,
        sex: 1,
        bmi: 33,
        bp: 95,
        s1: 182,
        s2: 114.8,
        s3: 54,
        s4: 3,
        s5: 4.1897,
        s6: 74,
      },
    },
    {
      name: "slow progression",
      features: {
        age: 38,
        sex: 1,
        bmi: 21.3,
        bp: 72,
        s1: 165,
        s2: 60.2,
        s3: 88,
        s4: 2,
        s5: 4.4308,
        s6: 90,
      },
    },
    {
      name: "fast progression",
      features: {
        age: 51,
        sex: 2,
        bmi: 28.1,
        bp: 106,
        s1: 202,
        s2: 122.2,
        s3: 55,
        s4: 4,
        s5: 4.8203,
        s6: 87,
      },
    },
  ],
});
