import { isError } from "#config/problem.ts";
import { renderProblems } from "#config/render.ts";
import { checkSources, factsFrom } from "#config/world.ts";
import { readFolder } from "#cli/catalog/read-folder.ts";
import type { WireVerdict } from "#cli/policy/show-verdict.ts";
import { CommandEnd, exitCodes } from "#cli/exit.ts";
import { verdict as wireVerdict } from "#contract/verdict.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import type { Subject } from "#core/policy/facts.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { rules } from "#core/policy/registry.ts";
import { systemClock } from "#runtime/clock.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";

/** As far as the server's own timelines reach. */
const horizonHours = 60 * 24;

/** The verdict of the same function over the facts of a folder: no server, no clock but the one that is given. */
export async function whyFromFolder(
  folder: string,
  about: Pick<Subject, "service" | "version" | "environment" | "action">,
  at: Temporal.Instant | null,
): Promise<WireVerdict> {
  const { world, problems } = checkSources(readFolder(folder));
  if (world === null)
    throw new CommandEnd(
      exitCodes.error,
      `The configuration cannot be judged:\n${renderProblems(problems.filter(isError))}`,
    );
  const now = at ?? systemClock.now();
  const subject: Subject = {
    ...about,
    class: "normal",
    invoker: "person",
    requestedBy: null,
    contentDigest: null,
    onBehalfOf: null,
  };
  const facts = factsFrom(world, subject, now, now.add({ hours: horizonHours }));
  return wireVerdict.parse(verdictToJson(evaluate(rules, facts, { hash: sha256Of, zoneData: zoneData() })));
}
