import { fileURLToPath } from "node:url";
import type { NextConfig } from "next";
import { PATH_PREFIX } from "./src/lib/path-prefix.ts";

const config: NextConfig = {
  poweredByHeader: false,
  basePath: PATH_PREFIX,
  // What is packed has no prefix to replace: `text-response.ts` packs.
  compress: false,
  // The start page below a prefix is that with a slash: some proxies pass nothing else on.
  skipTrailingSlashRedirect: true,
  reactStrictMode: true,
  // `pnpm check` holds the whole workspace to its types.
  typescript: { ignoreBuildErrors: true },
  images: { unoptimized: true },
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
};

export default config;
