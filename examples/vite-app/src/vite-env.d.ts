interface ImportMetaEnv {
  readonly VITE_SEPAL_URL?: string;
}

interface ImportMeta {
  readonly env: ImportMetaEnv;
}
