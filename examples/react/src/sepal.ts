import { createClient } from "@sepal/client";

/** The page's one client; it asks again by itself when the server is full. */
export const sepal = createClient({
  url: import.meta.env.VITE_SEPAL_URL ?? "http://localhost:8000",
});
