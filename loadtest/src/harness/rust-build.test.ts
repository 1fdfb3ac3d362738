import { afterEach, expect, test, vi } from "vitest";
import { ensurePeer } from "./servers.ts";
import { peerNamed } from "./peers.ts";
import { rustVersions } from "./rust-build.ts";

afterEach(() => vi.unstubAllEnvs());

test("without cargo the Rust peer is missing with the reason", async () => {
  vi.stubEnv("PATH", "/nowhere");
  const reason = await ensurePeer(peerNamed("axum-onnx"));
  expect(reason).toBe("cannot be built: cargo is not installed");
});

test("the report names the pinned crates", () => {
  const version = expect.stringMatching(/^\d+\.\d+\.\d+/);
  expect(rustVersions()).toEqual({ axum: version, ort: version, tokio: version });
});
