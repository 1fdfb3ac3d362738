/// <reference types="vite/client" />

interface ImportMetaEnv {
  readonly VITE_SEPAL_URL?: string;
}
