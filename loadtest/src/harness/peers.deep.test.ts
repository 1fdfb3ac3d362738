import { expect, test } from "vitest";
import { difference, readGoldenRows } from "./golden-rows.ts";
import { freePort, onPath } from "./host.ts";
import { peerNamed } from "./peers.ts";
import { checkedPeer, ensurePeer } from "./servers.ts";
import { single } from "./wire-formats.ts";

// Skipped where there is no cargo.
test.skipIf(!onPath("cargo", "--version"))(
  "the Rust peer has the trainer's predictions, batched or not, and rejects what is no request",
  async () => {
    const peer = peerNamed("axum-onnx");
    expect(await ensurePeer(peer)).toBeNull();
    await using server = await checkedPeer(peer, await freePort());
    const post = async (path: string, body: string) => {
      const headers = { "content-type": "application/json" };
      return await fetch(server.url + path, { method: "POST", headers, body });
    };
    const response = await post("/predict", '{"features":[5.1,3.5,1.4,0.2]}');
    expect(await response.json()).toEqual({
      class: 0,
      label: "setosa",
      proba: [1, 0, 0],
      confidence: 1,
      model_used: "iris-forest",
      model_version: "1",
      processing_time_ms: expect.any(Number),
    });
    const rows = readGoldenRows("iris-forest").get("random") ?? [];
    const predictions = await Promise.all(
      rows.map(async ({ features }) => {
        const { body, predictions } = single;
        return predictions(await (await post("/predict", JSON.stringify(body([features])))).json());
      }),
    );
    expect(rows.length).toBeGreaterThan(100);
    expect(difference(rows, predictions.flat())).toBeNull();
    for (const [path, body] of [
      ["/predict", '{"features":[5.1,3.5,1.4]}'],
      ["/predict", '{"features":[5.1,3.5,1.4,"0.2"]}'],
      ["/predict", '{"features":[5.1,3.5,1.4,-0.2]}'],
      ["/predict", '{"features":[5.1,3.5,1.4,1e300]}'],
      ["/predict", '{"features":[5.1,3.5,1.4,0.2],"colour":"blue"}'],
      ["/predict-batch", '{"rows":[]}'],
    ] as const) {
      expect((await post(path, body)).status, body).toBe(422);
    }
  },
);
