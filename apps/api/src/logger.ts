import { destination, pino, stdTimeFunctions, type Logger } from "pino";
import pretty from "pino-pretty";
import type { Settings } from "./settings.ts";

/** Bytes of log lines collected before a write. */
const BUFFER_BYTES = 8192;

/** Milliseconds a collected line waits at most. */
const FLUSH_INTERVAL_MS = 200;

/** Where log lines go, and how to write out what is still collected. */
export interface LogOutput {
  readonly logger: Logger;
  readonly flush: () => void;
}

/** Opens the log on standard output: JSON lines in batches, or readable ones at once. */
export function openLog({ LOG_LEVEL, LOG_FORMAT }: Settings): LogOutput {
  const options = {
    level: LOG_LEVEL,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (LOG_FORMAT === "pretty") {
    const logger = pino(options, pretty({ ignore: "pid,hostname", sync: true }));
    return { logger, flush: () => {} };
  }
  const output = destination({
    dest: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    periodicFlush: FLUSH_INTERVAL_MS,
  });
  return { logger: pino(options, output), flush: () => output.flushSync() };
}
