import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";

/** The failure of a request whose sender is not known; `fault` is RFC 6750's word for a credential that was sent. */
export function unauthorized(message: string, fault?: "invalid_token"): SepalError {
  const bearer = `Bearer realm="sepal"${fault === undefined ? "" : `, error="${fault}"`}`;
  return new SepalError("unauthorized", message, {
    headers: { "www-authenticate": `${bearer}, ApiKey realm="sepal"` },
  });
}

/** Seconds after which a caller that could not be verified may try again. */
const UNVERIFIED_RETRY_S = 5;

/** The failure of a request whose credential cannot be verified, since the file of a setting cannot be used. */
export function unverified(setting: "API_KEYS_FILE" | "USERS_FILE"): SepalError {
  return unavailable(`the credential cannot be verified: the server cannot use its ${setting}`, {
    retryS: UNVERIFIED_RETRY_S,
  });
}
