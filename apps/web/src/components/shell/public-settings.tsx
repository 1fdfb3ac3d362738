"use client";

import { createContext, use } from "react";

/** Settings of the server that a page may know. */
export interface PublicSettings {
  /** Where clients find the API, without a slash at the end. */
  readonly publicApiUrl: string;
}

/** Provides {@link PublicSettings}. */
export const PublicSettingsContext = createContext<PublicSettings>({ publicApiUrl: "" });

/** The settings of this page's server. */
export function usePublicSettings(): PublicSettings {
  return use(PublicSettingsContext);
}
