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
  /** Others who may approve, in the order in which they are asked. */
  readonly approvers: readonly { readonly name: string; readonly client: Client }[];
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
  for (const approver of cast.approvers) {
    const shown = await answerOf(cast, id);
    if (shown.state !== "waiting" || !needsApproval(shown)) break;
    await approve(cast, approver, shown);
    await judgedAgain(cast, shown);
  }
  return await follow(cast, id);
}

async function answerOf(cast: Cast, id: string): Promise<Detail> {
  const answer = await cast.developer.getDeployment({ params: { id } });
  if (!answer.ok) throw new Error(`${answer.problem.title} ${answer.problem.detail}`);
  return answer.body;
}

function needsApproval({ verdict }: Detail): boolean {
  return verdict?.findings.some(({ rule, outcome }) => rule === "approved-by-another" && outcome === "deny") ?? false;
}

async function approve(cast: Cast, approver: Cast["approvers"][number], shown: Detail): Promise<void> {
  cast.say(`$ tidegate approve ${shown.id}   # as ${approver.name}`);
  const body = { decision: "approved" as const, contentDigest: shown.contentDigest };
  const decided = await approver.client.decideApproval({ params: { id: shown.id }, body });
  cast.say(
    decided.ok ? `  approved, bound to ${shown.contentDigest}` : `  ${decided.problem.title} ${decided.problem.detail}`,
  );
}

const judgedWithinMs = 5000;

/** Waits until the approval has been taken into account: the verdict in force is another one. */
async function judgedAgain(cast: Cast, before: Detail): Promise<void> {
  for (let waited = 0; waited < judgedWithinMs; waited += lookEveryMs) {
    const now = await answerOf(cast, before.id);
    if (now.state !== "waiting" || now.verdict?.factsDigest !== before.verdict?.factsDigest) return;
    await delay(lookEveryMs, undefined, { signal: cast.signal });
  }
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
