/** The media type of a `content-type` header without its parameters, in lower case; empty where there is none. */
export function mediaType(header: string | undefined): string {
  // As nearly every request has it.
  if (header === "application/json") return header;
  return (header?.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** Whether a media type is JSON: `application/json`, or any with the suffix `+json` (RFC 6839). */
export function isJson(type: string): boolean {
  return type === "application/json" || type.endsWith("+json");
}
