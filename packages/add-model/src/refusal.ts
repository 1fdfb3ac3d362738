/** Why a model is not added: the place, the rule it breaks and, where there is one, the remedy. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
