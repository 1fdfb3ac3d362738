import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BatchTable } from "./batch-table.tsx";
import { PredictForm } from "./predict-form.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <h1>Which iris?</h1>
    <PredictForm />
    <BatchTable />
  </StrictMode>,
);
