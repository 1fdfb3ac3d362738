"use client";

import { useQueryStates } from "nuqs";
import { useCallback, useEffect, useState } from "react";
import type { ModelCard } from "@sepal/schema/model-card";
import { Notices } from "@/components/notices.tsx";
import { batchChoice, batchParsers } from "@/lib/batch/address.ts";
import { useBatch } from "@/lib/batch/use-batch.ts";
import { findContract } from "@/lib/contract-client.ts";
import { ColumnsPanel } from "./columns-panel.tsx";
import { RowsTable } from "./rows-table.tsx";
import { RunPanel } from "./run-panel.tsx";
import { SourcePanel } from "./source-panel.tsx";
import { TableSummary } from "./table-summary.tsx";

/** Takes a file (or text) dropped anywhere on the page; says whether one hovers over it. */
function useDroppedFile(onFile: (name: string, source: Blob) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const hover = (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    };
    const leave = ({ relatedTarget }: DragEvent) => {
      if (relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      // Else the browser shows the file instead of the page.
      event.preventDefault();
      setOver(false);
      const file = event.dataTransfer?.files[0];
      const text = event.dataTransfer?.getData("text/plain") ?? "";
      if (file !== undefined) onFile(file.name, file);
      else if (text !== "") onFile("dropped text", new Blob([text]));
    };
    window.addEventListener("dragover", hover, { signal });
    window.addEventListener("dragleave", leave, { signal });
    window.addEventListener("drop", drop, { signal });
    return () => stop.abort();
  }, [onFile]);
  return over;
}

/** A table from its text to the answers of all its rows. */
export function BatchView({ cards }: { readonly cards: readonly ModelCard[] }) {
  const [address, setAddress] = useQueryStates(batchParsers);
  const choice = batchChoice(cards, address);
  const batch = useBatch();
  const { state, tell } = batch;
  const contract = choice === undefined ? undefined : findContract(choice.card.contract);
  const contractName = contract?.name;
  useEffect(() => {
    if (contractName !== undefined) tell({ type: "contract", name: contractName });
  }, [tell, contractName]);

  const load = useCallback(
    (name: string, source: Blob) => tell({ type: "load", name, source }),
    [tell],
  );
  const over = useDroppedFile(load);

  if (choice === undefined || contract === undefined) {
    return <Notices notices={["This playground was built without the contract of this model."]} />;
  }
  const usable = state.phase !== "empty" && state.problem === null && state.columns.length > 0;
  return (
    <div className="grid gap-6">
      {choice.notices.length > 0 && <Notices notices={choice.notices} />}
      {state.phase === "empty" ? (
        <SourcePanel
          contract={contract}
          model={choice.card.name}
          over={over}
          onLoad={load}
          tell={tell}
        />
      ) : (
        <TableSummary state={state} onDownload={batch.download} tell={tell} />
      )}
      {usable && (
        <>
          <div className="grid items-start gap-6 lg:grid-cols-2">
            <ColumnsPanel contract={contract} state={state} tell={tell} />
            <RunPanel
              cards={cards}
              choice={choice}
              state={state}
              tell={tell}
              onChoice={(model, v) => void setAddress({ model, v })}
            />
          </div>
          <RowsTable contract={contract} batch={batch} />
        </>
      )}
    </div>
  );
}
