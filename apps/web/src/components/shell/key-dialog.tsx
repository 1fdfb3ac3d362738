"use client";

import dynamic from "next/dynamic";
import { useCredentials } from "@/lib/credentials.ts";

// Only a server with keys needs it: kept out of the first load.
const KeyForm = dynamic(async () => (await import("./key-form.tsx")).KeyForm, { ssr: false });

/** Asks for an API key when the server wants one. */
export function KeyDialog() {
  const { asking } = useCredentials();
  return asking ? <KeyForm /> : null;
}
