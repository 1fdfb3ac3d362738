import type { ServedModel } from "@sepal/model/served-model";
import { SHIPPED_MODELS } from "@sepal/model/shipped-models";
import { SepalError } from "@sepal/schema/sepal-error";
import type { Services } from "../context.ts";

/** Fails with `not_found` where `PUBLISH_MODELS` keeps what a model was made of to the server. */
export function requirePublished(
  { name, source }: ServedModel,
  what: string,
  { settings }: Services,
): void {
  const { PUBLISH_MODELS: published } = settings;
  if (published === "all") return;
  if (published === "shipped" && SHIPPED_MODELS.has(source.digest)) return;
  throw new SepalError("not_found", `${what} of ${name} is not published; PUBLISH_MODELS decides`);
}
