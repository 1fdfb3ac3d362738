import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ModelList } from "./model-list.tsx";
import { PenguinForm } from "./penguin-form.tsx";
import { queryClient } from "./sepal.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <h1>Which penguin?</h1>
      <PenguinForm />
      <ModelList />
    </QueryClientProvider>
  </StrictMode>,
);
