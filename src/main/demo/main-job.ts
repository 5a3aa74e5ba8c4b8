import type { Client } from "#contract/client.ts";
import type { DeploymentId } from "#core/id.ts";
import { setTimeout as delay } from "node:timers/promises";
import type { z } from "zod";
import type { deploymentDetail } from "#contract/release.ts";

type Detail = z.infer<typeof deploymentDetail>;

/** Clients of the people of the boutique who act in the demonstration. */
export interface Cast {
  /** Developer who asks. */
  readonly developer: Client;
  /** Somebody else, who may approve. */
  readonly approver: Client;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Longer than any deployment of the demonstration takes, so that a broken one ends it. */
const patienceMs = 15 * 60_000;
const lookEveryMs = 500;

/** Asks for a version, has it approved when the verdict says that somebody must, and follows it to its end. */
export async function deployVisibly(
  cast: Cast,
  about: { readonly service: string; readonly version: string; readonly environment: string },
): Promise<Detail> {
  cast.say(`\n$ tidegate deploy ${about.service}@${about.version} --to ${about.environment} --watch`);
  const requested = await cast.developer.requestDeployment({ body: about });
  if (!requested.ok) throw new Error(`${requested.problem.title} ${requested.problem.detail}`);
  const { id, headline } = requested.body;
  cast.say(`  ${headline}`);
  if (
    requested.body.verdict?.findings.some(({ rule, outcome }) => rule === "approved-by-another" && outcome !== "pass")
  )
    await approve(cast, requested.body);
  return await follow(cast, id);
}

async function approve(cast: Cast, shown: Detail): Promise<void> {
  cast.say(`$ tidegate approve ${shown.id}`);
  const decided = await cast.approver.decideApproval({
    params: { id: shown.id },
    body: { decision: "approved", contentDigest: shown.contentDigest },
  });
  cast.say(
    decided.ok ? `  approved, bound to ${shown.contentDigest}` : `  ${decided.problem.title} ${decided.problem.detail}`,
  );
}

async function follow(cast: Cast, id: DeploymentId | string): Promise<Detail> {
  let seen = 0;
  for (let waited = 0; waited < patienceMs; waited += lookEveryMs) {
    const answer = await cast.developer.getDeployment({ params: { id } });
    if (answer.ok) {
      for (const { seq, at, phase, sentence } of answer.body.timeline) {
        if (seq > seen) cast.say(`  ${at.slice(11, 19)}Z ${marks[phase]} ${sentence}`);
        seen = Math.max(seen, seq);
      }
      if (answer.body.endedAt !== null) {
        cast.say(`  → ${answer.body.state}`);
        return answer.body;
      }
    }
    await delay(lookEveryMs, undefined, { signal: cast.signal });
  }
  throw new Error(`Deployment ${id} has not ended within ${patienceMs / 60_000} minutes.`);
}

const marks = { started: "…", done: "✓", failed: "✗", info: "·" } as const;
