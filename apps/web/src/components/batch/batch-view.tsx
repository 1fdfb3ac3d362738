"use client";

import { useCallback, useEffect, useState } from "react";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { Notices } from "@/components/notices.tsx";
import { batchChoice, batchParsers } from "@/lib/batch/address.ts";
import { useBatch } from "@/lib/batch/use-batch.ts";
import { useContract } from "@/lib/use-contract.ts";
import { useAddress } from "@/lib/use-address.ts";
import { ColumnsPanel, TablePreview } from "./columns-panel.tsx";
import { EvaluationPanel } from "./evaluation-panel.tsx";
import { ModelChoice } from "./model-choice.tsx";
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

interface BatchViewProps {
  readonly cards: readonly ModelCard[];
  /** The contract of the address's model. */
  readonly initial: Contract | null;
}

/** A table from its text to the predictions of all its rows. */
export function BatchView({ cards, initial }: BatchViewProps) {
  const [address, change] = useAddress(batchParsers);
  const choice = batchChoice(cards, address);
  const batch = useBatch();
  const { state, send } = batch;
  const contract = useContract(choice?.card.contract ?? "", initial);
  const { phase, chosen } = state;
  const isOpen = phase !== "opening";
  // A table of this tab keeps its model where the address names none.
  const kept = address.model === null && isOpen && phase !== "empty" ? chosen : null;
  const isSettled = kept === null || kept.model === choice?.card.name;
  useEffect(() => {
    if (!isSettled && kept !== null) change(kept);
  }, [isSettled, kept, change]);
  const model = choice?.card.name;
  useEffect(() => {
    if (contract && model !== undefined && isOpen && isSettled) {
      send({ type: "contract", contract, chosen: { model, v: address.v } });
    }
  }, [send, contract, model, address.v, isOpen, isSettled]);

  const load = useCallback(
    (name: string, source: Blob) => send({ type: "load", name, source }),
    [send],
  );
  const over = useDroppedFile(load);

  if (choice === undefined || !contract) {
    return contract === undefined ? null : (
      <Notices notices={["The server does not give the contract of this model."]} />
    );
  }
  const choose = (name: string, v: string | null) =>
    change({ model: name, v }, { history: "push" });
  const isEmpty = phase === "empty" || !isOpen;
  const usable = !isEmpty && state.problem === null && state.rows > 0;
  const columns = (
    <ColumnsPanel
      contract={contract}
      cards={cards}
      state={state}
      send={send}
      onModel={(name) => choose(name, null)}
    />
  );
  return (
    <div className="grid gap-6">
      {choice.notices.length > 0 && <Notices notices={choice.notices} />}
      {isEmpty ? (
        <SourcePanel
          contract={contract}
          model={choice.card.name}
          choice={<ModelChoice cards={cards} choice={choice} onChoice={choose} />}
          over={over}
          onLoad={load}
          send={send}
        />
      ) : (
        <TableSummary state={state} onDownload={batch.download} send={send} />
      )}
      {usable && phase === "mapping" && (
        <>
          {columns}
          <TablePreview state={state} />
        </>
      )}
      {usable && phase !== "mapping" && (
        <>
          <div className="grid items-start gap-6 lg:grid-cols-2">
            {columns}
            <RunPanel
              contract={contract}
              cards={cards}
              choice={choice}
              state={state}
              send={send}
              onChoice={choose}
            />
          </div>
          <EvaluationPanel contract={contract} state={state} send={send} />
          <RowsTable contract={contract} batch={batch} />
        </>
      )}
    </div>
  );
}
