import { defineContract } from "../define-contract.ts";

const size = { type: "number", exclusive_minimum: 0, nullable: true, group: "Size" } as const;
const observation = { group: "Observation" } as const;

/** Gorman's penguins: categories, sizes and a year, any of which but the island may be missing; three species. */
export const penguins = defineContract({
  name: "penguins",
  title: "Penguins",
  description:
    "Which of three Antarctic species a penguin belongs to, from its size, sex and island; values may be missing.",
  task: "classification",
  features: [
    {
      ...observation,
      type: "category",
      name: "island",
      label: "Island",
      description: "Island of the Palmer Archipelago where the penguin nests.",
      values: ["Biscoe", "Dream", "Torgersen"],
    },
    {
      ...size,
      name: "bill_length_mm",
      label: "Bill length",
      unit: "mm",
      aliases: ["culmen_length_mm", "bill_len", "bill_length", "culmen_length"],
    },
    {
      ...size,
      name: "bill_depth_mm",
      label: "Bill depth",
      unit: "mm",
      description: "Height of the bill at its base.",
      aliases: ["culmen_depth_mm", "bill_dep", "bill_depth", "culmen_depth"],
    },
    {
      ...size,
      name: "flipper_length_mm",
      label: "Flipper length",
      unit: "mm",
      aliases: ["flipper_len", "flipper_length"],
    },
    { ...size, name: "body_mass_g", label: "Body mass", unit: "g", aliases: ["body_mass"] },
    {
      ...observation,
      type: "category",
      name: "sex",
      label: "Sex",
      nullable: true,
      values: ["female", "male"],
      labels: ["Female", "Male"],
    },
    {
      ...observation,
      type: "integer",
      name: "year",
      label: "Year",
      description: "Year of the observation; the study lasted three breeding seasons.",
      nullable: true,
      minimum: 2007,
      maximum: 2009,
    },
  ],
  classes: ["Adelie", "Chinstrap", "Gentoo"],
  about: {
    source:
      "Gorman, Williams and Fraser (2014), https://doi.org/10.1371/journal.pone.0090081; palmerpenguins",
    licence: "CC0-1.0",
    row_count: 344,
    row: "a penguin",
  },
  examples: [
    {
      name: "a typical Adelie",
      features: {
        island: "Dream",
        bill_length_mm: 38.8,
        bill_depth_mm: 18.4,
        flipper_length_mm: 190,
        body_mass_g: 3700,
        sex: "female",
        year: 2008,
      },
    },
    {
      name: "a typical Chinstrap",
      features: {
        island: "Dream",
        bill_length_mm: 49.6,
        bill_depth_mm: 18.5,
        flipper_length_mm: 196,
        body_mass_g: 3700,
        sex: "male",
        year: 2008,
      },
    },
    {
      name: "a typical Gentoo",
      features: {
        island: "Biscoe",
        bill_length_mm: 47.3,
        bill_depth_mm: 15,
        flipper_length_mm: 216,
        body_mass_g: 5000,
        sex: "male",
        year: 2008,
      },
    },
    {
      name: "between Adelie and Chinstrap",
      features: {
        island: "Dream",
        bill_length_mm: 40.9,
        bill_depth_mm: 16.6,
        flipper_length_mm: 187,
        body_mass_g: 3200,
        sex: "female",
        year: 2008,
      },
    },
    {
      name: "not measured",
      features: {
        island: "Biscoe",
        bill_length_mm: null,
        bill_depth_mm: null,
        flipper_length_mm: null,
        body_mass_g: null,
        sex: null,
        year: 2009,
      },
    },
  ],
});
