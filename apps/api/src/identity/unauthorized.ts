import { SepalError } from "@sepal/schema/sepal-error";

/** The failure of a request whose sender is not known; `fault` is RFC 6750's word for a credential that was sent. */
export function unauthorized(message: string, fault?: "invalid_token"): SepalError {
  const bearer = `Bearer realm="sepal"${fault === undefined ? "" : `, error="${fault}"`}`;
  return new SepalError("unauthorized", message, {
    headers: { "www-authenticate": `${bearer}, ApiKey realm="sepal"` },
  });
}
