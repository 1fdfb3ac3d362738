interface RefusalOptions extends ErrorOptions {
  readonly place?: Refusal["place"];
}

/** Why a model is not added: the place, the rule it breaks and, where there is one, the remedy. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** What has the fault, once a model is checked: the model with its table, or the repository that it would get into. */
  readonly place: "model" | "repository" | undefined;

  constructor(message: string, options: RefusalOptions = {}) {
    super(message, options);
    this.place = options.place;
  }
}
