import type { NextConfig } from "next";

const config: NextConfig = {
  // The script `build` runs the compiler before.
  typescript: { ignoreBuildErrors: true },
};

export default config;
