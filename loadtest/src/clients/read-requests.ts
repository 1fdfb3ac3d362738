import { readFileSync } from "node:fs";
import { requestBytes } from "./lean-connection.ts";

/** The bodies of a file, one a line, as whole requests to `url`. */
export function readRequests(url: URL, file: string): Buffer[] {
  const bodies = readFileSync(file, "utf8").trimEnd().split("\n");
  return bodies.map((body) => requestBytes(url, body));
}
