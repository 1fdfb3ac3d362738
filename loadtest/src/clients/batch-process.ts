import { readFileSync } from "node:fs";
import { LeanConnection, requestBytes } from "./lean-connection.ts";

/** Answers of many megabytes; fewer reads leave more of the core to the server. */
const READ_BYTES = 2 ** 20;

// Sends the same body without pause until it is told to stop; prints a line once the first answer is there.
const [url = "", file = ""] = process.argv.slice(2);
const address = new URL(url);
const request = requestBytes(address, readFileSync(file, "utf8").trimEnd());
let first = true;

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}

new LeanConnection(address, READ_BYTES, {
  opened: (connection) => connection.send(request),
  answered(connection, status) {
    if (status !== 200) fail(`a batch was answered ${status}`);
    if (first) console.log("answered");
    first = false;
    connection.send(request);
  },
  closed: () => fail("the server closed the connection"),
  failed: (error) => fail(error.message),
});
