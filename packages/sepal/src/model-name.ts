import { InvalidArgumentError } from "@sepal/command-line";

/** Reads the name of a model's folder, as the parser of an argument. */
export function readModelName(text: string): string {
  if (/^\w[\w.-]*$/.test(text)) return text;
  throw new InvalidArgumentError("Give the name of a folder in the model repository");
}
