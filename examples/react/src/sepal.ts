import { createClient } from "@sepal/client";

/** The page's client; it retries when the server is overloaded. */
export const sepal = createClient({
  url: import.meta.env.VITE_SEPAL_URL ?? "http://localhost:8000",
});
