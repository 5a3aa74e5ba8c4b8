import type { z } from "zod";
import type { verdict } from "#contract/verdict.ts";
import { verdictToJson } from "#core/policy/present.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { DeepReadonly } from "#api/handler.ts";

type WireVerdict = DeepReadonly<z.input<typeof verdict>>;

/** One form of a verdict for command line, API and record: the core's. That it fits the contract is checked here. */
export function presentVerdict(judged: Verdict): WireVerdict {
  return verdictToJson(judged);
}

/** For answers that say `wait`: whole seconds, never none, until the verdict may be another one. */
export function retryAfter(judged: Verdict | null, now: Temporal.Instant): Readonly<Record<string, string>> {
  if (judged === null || judged.decision !== "wait" || judged.nextOpening === null) return {};
  const ms = judged.nextOpening.epochMilliseconds - now.epochMilliseconds;
  return { "retry-after": String(Math.max(1, Math.ceil(ms / 1000))) };
}
