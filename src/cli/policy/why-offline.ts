import { worldIn, type JudgedWorld } from "#cli/calendar/world.ts";
import { factsFrom } from "#config/world.ts";
import type { WireVerdict } from "#cli/policy/show-verdict.ts";
import { verdict as wireVerdict } from "#contract/verdict.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Subject } from "#core/policy/facts.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { rules } from "#core/policy/registry.ts";
import { systemClock } from "#runtime/clock.ts";
import type { Span } from "#core/span.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";

/** As far as the server's own timelines reach. */
const horizonHours = 60 * 24;

/** The verdict of the same function over the facts of a folder: no server, no clock but the one that is given. */
export async function whyFromFolder(
  folder: string,
  about: Pick<Subject, "service" | "version" | "environment" | "action" | "class">,
  at: Temporal.Instant | null,
): Promise<WireVerdict> {
  const subject: Subject = { ...about, invoker: "person", requestedBy: null, contentDigest: null, onBehalfOf: null };
  return judgeWorld((between) => worldIn(folder, between), subject, at ?? systemClock.now());
}

/** The verdict over a world that is read for the span of the timelines. */
export function judgeWorld(
  worldFor: (between: Span) => JudgedWorld,
  subject: Subject,
  at: Temporal.Instant,
): WireVerdict {
  const horizon = at.add({ hours: horizonHours });
  const { cautions, ...world } = worldFor({ from: at, to: horizon });
  const facts = { ...factsFrom(world, subject, at, horizon), cautions };
  return wireVerdict.parse(verdictToJson(evaluate(rules, facts, { hash: sha256Of, zoneData: zoneData() })));
}
