import { createClient } from "@sepal/client";

/** The client of the server components: the browser neither knows the address nor the key. */
export const sepal = createClient({
  url: process.env["SEPAL_URL"] ?? "http://localhost:8000",
  apiKey: process.env["SEPAL_API_KEY"],
});
