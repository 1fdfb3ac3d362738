/** Encoding that a byte order mark names; UTF-8 without one. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** The text of a file in slices, without a byte order mark; no slice ends between `\r` and `\n`. */
export async function* readText(source: Blob): AsyncGenerator<string> {
  const encoding = encodingOf(new Uint8Array(await source.slice(0, 2).arrayBuffer()));
  const decoder = new TextDecoder(encoding);
  const reader = source.stream().getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    const text = held + (done ? decoder.decode() : decoder.decode(value, { stream: true }));
    held = !done && text.endsWith("\r") ? "\r" : "";
    const slice = held === "" ? text : text.slice(0, -1);
    if (slice !== "") yield slice;
    if (done) return;
  }
}
