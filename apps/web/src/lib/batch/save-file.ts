/** Hands a file to the browser's downloads. */
export function saveFile(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Revoked too early, some browsers save nothing.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
