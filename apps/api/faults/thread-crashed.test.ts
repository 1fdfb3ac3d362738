import { expect } from "vitest";
import { eventually, type ApiProcess } from "../test/support/api-process.ts";
import { post, type Reply } from "../test/support/json-request.ts";
import { fault } from "./frame/fault.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged } from "./frame/start-changed.ts";
import { underLoad } from "./frame/under-load.ts";

const CRASHES = sized(20, 3);
const ROWS = sized(50_000, 5000);
const rows = Array.from({ length: ROWS }, (_, row) => [4 + (row % 37) / 10, 3, 1.4, 0.2]);
const body = JSON.stringify({ rows });
const causes = ["end-thread.ts"];
const variables = { INFERENCE_THREADS: "2" };

const batch = (api: ApiProcess) => post(`${api.url}/predict-batch`, body);

fault("A thread of large batches crashes", {
  promise:
    "Its batch is answered 503 with `Retry-After`, all others and single predictions go on, and another thread takes its place.",
  arrange: () => startChanged({ causes, variables }),
  async check(api, within) {
    using load = underLoad(api.url, 2);
    for (let crash = 0; crash < CRASHES; crash += 1) {
      api.child.send("end a thread");
      const replies: Reply[] = [];
      const sent = [1, 2, 3, 4].map(() =>
        batch(api).then(
          (reply) => replies.push(reply),
          () => undefined,
        ),
      );
      const answered = () => replies.length === sent.length;
      await eventually(answered, "every batch is answered", within(sized(20_000, 8000)));
      const refused = replies.filter(({ status }) => status === 503);
      expect(refused.length, "batches of the crashed thread").toBe(1);
      expect(refused[0]?.headers.get("retry-after"), "Retry-After").toMatch(/^\d+$/);
      const good = replies.filter(({ status }) => status === 200);
      expect(good.map((reply) => reply.body.count)).toEqual([ROWS, ROWS, ROWS]);
    }
    expect((await batch(api)).status, "the next batch").toBe(200);
    const { refused, lost } = await load.stop();
    expect([refused, lost], "single predictions beside it").toEqual([[], 0]);
  },
  twin: {
    lacks: "a pool that does not hear of the end of its threads",
    arrange: () =>
      startChanged({
        causes,
        variables,
        changes: [
          { file: "src/workers/worker-pool.ts", text: 'once("exit"', by: 'once("unheard"' },
        ],
      }),
    fails: /never: every batch is answered/,
  },
});
