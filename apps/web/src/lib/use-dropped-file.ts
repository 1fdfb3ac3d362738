import { useEffect, useState } from "react";

/** Takes a file (or text) dropped anywhere on the page; says whether one hovers over it. */
export function useDroppedFile(onFile: (name: string, source: Blob) => void): boolean {
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
