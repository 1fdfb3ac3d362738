/** SHA-256 of the manifest of every model in the repository of Sepal, whose data are public; `pnpm fix` writes it. */
export const SHIPPED_MODELS: ReadonlySet<string> = new Set([
  "0f6779974c3a2097666271216d5f6f3300b092510b02a2493fc58be36b808943",
  "528404bd0c964fbb78eb779ce700942571d1f0a5b6f007afc11fdef99a4bee7b",
  "6a30a10cef0cdd294bb23a5e758d585071136feec7199b0eefbd220846dae067",
  "6f93f49893dc1318065b7307591a53d5c56dd9d31ff49ca06035a14b8f3d1f23",
  "8c4d3125fc6f44c85c67d54b6a445455df19ccb0bc2710506e2e7335e431b8ee",
  "dad7930ed483777ee69cee80a99b175f1d19f70d0139deace8ae9225b928f2de",
  "e6c5183131646c629de46433763267727f2ad8269343cc6a38764c56dfb8b832",
  "f94c73b7bfab2e64cc9f4d2c3b2cf80d2688c6854dc635e50b1adfc1b70f9af3",
]);
