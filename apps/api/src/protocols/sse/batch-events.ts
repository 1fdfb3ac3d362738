import { setImmediate as nextTurn } from "node:timers/promises";
import type { BatchEnd, BatchProgress, BatchStream } from "../../operations/predict-stream.ts";

/** Most predictions that are written as text at once. */
const WRITTEN_ROWS = 1000;

/** One event whose data is a JSON value; JSON text has no line breaks. */
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A `progress` event in parts, with other work in between. */
async function* progressEvent<C extends readonly string[]>({
  predictions,
  ...progress
}: BatchProgress<C>): AsyncGenerator<string, void, void> {
  let text = `event: progress\ndata: ${JSON.stringify(progress).slice(0, -1)},"predictions":[`;
  for (let row = 0; row < predictions.length; row += WRITTEN_ROWS) {
    if (row > 0) {
      yield `${text},`;
      await nextTurn();
      text = "";
    }
    text += JSON.stringify(predictions.slice(row, row + WRITTEN_ROWS)).slice(1, -1);
  }
  yield `${text}]}\n\n`;
}

/** The text of a batch's server-sent events; a failure becomes the last one, with the body that `errorBody` gives. */
export async function* batchEvents<C extends readonly string[]>(
  first: IteratorResult<BatchProgress<C>, BatchEnd>,
  stream: BatchStream<C>,
  errorBody: (error: unknown) => unknown,
): AsyncGenerator<string, void, void> {
  try {
    let next = first;
    while (next.done !== true) {
      yield* progressEvent(next.value);
      next = await stream.next();
    }
    yield event("done", next.value);
  } catch (error) {
    yield event("error", errorBody(error));
  }
}
