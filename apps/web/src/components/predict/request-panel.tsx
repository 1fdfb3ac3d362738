"use client";

import { clsx } from "clsx";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { CodeBlock } from "@/components/code-block.tsx";
import { useCredentials } from "@/lib/credentials.ts";
import { type Exchange, exchange, type Protocol, PROTOCOLS } from "@/lib/exchange.ts";
import { bytes } from "@/lib/format.ts";
import { milliseconds, type TimePart, timeParts } from "@/lib/time-split.ts";
import { waterfall } from "@/lib/waterfall.ts";
import { useSettled } from "@/lib/use-settled.ts";
import { PART_COLOURS } from "./timing-split.tsx";
import type { ViewProps } from "./view-tabs.tsx";

const TITLES: Record<Protocol, string> = { trpc: "tRPC", rest: "REST" };

/** What each part of a call is. */
const MEANINGS: Record<TimePart["name"], string> = {
  browser: "page and browser, before the request leaves and after the first byte",
  "browser and proxy": "page, browser and the way to the server",
  proxy: "the way to the server and back, through the playground",
  queue: "waiting for an execution",
  inference: "ONNX Runtime",
  "rest of the server": "parsing, checking, writing",
};

/** The order in which the parts happen: the browser's part is drawn first, though it ends the call too. */
function Waterfall({
  parts,
  longest,
}: {
  readonly parts: readonly TimePart[];
  readonly longest: number;
}) {
  const steps = waterfall(
    0,
    parts.map(({ ms }) => ms),
  );
  return (
    <table className="w-full text-[0.8125rem]">
      <caption className="sr-only">Where the time went</caption>
      <tbody>
        {parts.map(({ name, ms }, index) => {
          const start = steps[index]?.from ?? 0;
          return (
            <tr key={name} title={MEANINGS[name]}>
              <th scope="row" className="w-34 py-0.5 text-left font-normal text-muted">
                {name}
              </th>
              <td aria-hidden="true" className="relative">
                <span
                  className={clsx("absolute inset-y-1.5 min-w-0.5 rounded-xs", PART_COLOURS[name])}
                  style={{ left: `${(start / longest) * 100}%`, width: `${(ms / longest) * 100}%` }}
                />
              </td>
              <td className="figures w-16 py-0.5 text-right">{milliseconds(ms)} ms</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}

/** Headers of a response that say something about the prediction. */
const SHOWN_HEADERS = new Set([
  "content-type",
  "server-timing",
  "x-request-id",
  "traceparent",
  "ratelimit",
  "retry-after",
]);

interface ExchangeViewProps {
  readonly protocol: Protocol;
  readonly made: Exchange;
  /** Of both protocols, so that their waterfalls share a scale. */
  readonly longest: number;
}

/** One request with its response, and where its time went. */
function ExchangeView({ protocol, made, longest }: ExchangeViewProps) {
  const { path, requestBody, status, headers, body, total, server, request } = made;
  const parts = timeParts({ total, server, request, processingMs: server?.total ?? 0 });
  const shown = headers.filter(([name]) => SHOWN_HEADERS.has(name));
  return (
    <article aria-label={TITLES[protocol]} className="min-w-0">
      <h3 className="flex items-baseline justify-between gap-3 text-sm font-medium">
        {TITLES[protocol]}
        <span className="figures font-normal text-muted">
          {bytes(requestBody.length)} up, {bytes(body.length)} down, {milliseconds(total)} ms
        </span>
      </h3>
      <div className="mt-1.5">
        <Waterfall parts={parts} longest={longest} />
      </div>
      <div className="mt-2 rounded-md border border-rule bg-sunken">
        <CodeBlock label={`${TITLES[protocol]} request`} className="px-3! py-2!" wrap>
          {`POST ${path}\ncontent-type: application/json\n\n${requestBody}`}
        </CodeBlock>
      </div>
      <div className="mt-2 rounded-md border border-rule bg-sunken">
        <CodeBlock label={`${TITLES[protocol]} response`} className="px-3! py-2!" wrap>
          {`${status}\n${shown.map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${indented(body)}`}
        </CodeBlock>
      </div>
    </article>
  );
}

/** The prediction as it goes over the wire, by both protocols side by side. */
export function RequestPanel({ contract, features, model }: ViewProps) {
  const { apiKey } = useCredentials();
  const settled = useSettled(features, 150);
  const { data, error } = useQuery({
    queryKey: ["exchange", contract.name, model, settled, apiKey !== null],
    queryFn: async ({ signal }) => {
      const made: { protocol: Protocol; made: Exchange }[] = [];
      // One after the other: each has the connection to itself.
      for (const protocol of PROTOCOLS) {
        const question = { features: settled, target: model };
        made.push({ protocol, made: await exchange(protocol, contract, question, signal) });
      }
      return made;
    },
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  const longest = Math.max(...(data ?? []).map(({ made }) => made.total));
  return (
    <section aria-labelledby="request">
      <h2 id="request" className="sr-only">
        Request
      </h2>
      <p className="mb-3 max-w-3xl text-[0.8125rem] text-muted">
        The same prediction over both protocols, as it was just sent and received. Times are the
        browser’s own for the request, and the server’s from Server-Timing.
      </p>
      {error !== null && (
        <p className="text-sm text-amber">The inference server does not respond.</p>
      )}
      <div className="grid gap-6 md:grid-cols-2">
        {data?.map(({ protocol, made }) => (
          <ExchangeView key={protocol} protocol={protocol} made={made} longest={longest} />
        ))}
      </div>
    </section>
  );
}
