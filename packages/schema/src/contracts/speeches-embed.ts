import { defineContract } from "../define-contract.ts";
import { speeches } from "./speeches.ts";

/** The same passages as vectors, for search. */
export const speechesEmbed = defineContract({
  name: "speeches_embed",
  title: "Speeches, searched",
  description:
    "Finds passages of State of the Union addresses about the same subject as a text, also in other words. A text becomes 64 numbers; texts with words that occur together point in like directions.",
  task: "embedding",
  features: [
    {
      type: "text",
      name: "text",
      label: "Text",
      description: "A subject or a sentence in English; words in another alphabet are passed over.",
      max_length: 10_000,
    },
  ],
  dimensions: 64,
  about: speeches.about,
  examples: [
    { name: "space", features: { text: "Sending men to the moon and exploring space" } },
    {
      name: "energy",
      features: { text: "The price of oil and our dependence on foreign energy" },
    },
    {
      name: "health",
      features: { text: "Doctors, hospitals and health insurance for older people" },
    },
    {
      name: "arms control",
      features: { text: "Nuclear weapons and arms control with the Soviet Union" },
    },
  ],
});
