import { ok } from "node:assert/strict";
import type { z } from "zod";
import type { Refusal } from "#contract/client.ts";
import type { deploymentDetail } from "#contract/release.ts";
import { sha256Of } from "#runtime/digest.ts";
import { evaluate } from "#core/policy/evaluate.ts";
import { factsFromJson } from "#core/policy/facts-codec.ts";
import { rules } from "#core/policy/registry.ts";
import type { VerdictId } from "#core/id.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { verdictsAfter } from "#store/verdict.ts";
import { environment, until, type Account, type Installation } from "#test/support/installation.ts";

export type Detail = z.infer<typeof deploymentDetail>;

/** The answer, or an error with the problem's own words. */
export function answerOf<Body>(outcome: { readonly ok: true; readonly body: Body } | Refusal): Body {
  if (!outcome.ok) throw new Error(`${outcome.problem.code}: ${outcome.problem.title} ${outcome.problem.detail}`);
  return outcome.body;
}

export async function request(on: Installation, account: Account, subject: string, key?: string): Promise<Detail> {
  const [service = "", version = ""] = subject.split("@");
  const body = { service, version, environment };
  return answerOf(await on.as(account).requestDeployment(key === undefined ? { body } : { body, key }));
}

export async function show(on: Installation, id: string): Promise<Detail> {
  return answerOf(await on.as("hana").getDeployment({ params: { id } }));
}

export async function decide(on: Installation, account: Account, detail: Detail): Promise<string> {
  const body = { decision: "approved" as const, contentDigest: detail.contentDigest };
  const decided = await on.as(account).decideApproval({ params: { id: detail.id }, body });
  return decided.ok ? "approved" : decided.problem.code;
}

/** Waits until the deployment is as wanted; says what it is when it never becomes so. */
export async function reaches(
  on: Installation,
  id: string,
  what: string,
  isSo: (detail: Detail) => boolean,
  withinMs = 60_000,
): Promise<Detail> {
  let last: Detail | null = null;
  try {
    await until(
      what,
      async () => {
        last = await show(on, id);
        return isSo(last);
      },
      withinMs,
    );
  } catch (error) {
    throw new Error(`${String(error)}: ${JSON.stringify(last, null, 1)}`, { cause: error });
  }
  ok(last !== null);
  return last;
}

export function ends(on: Installation, id: string, withinMs = 180_000): Promise<Detail> {
  return reaches(on, id, `${id} has ended`, ({ endedAt }) => endedAt !== null, withinMs);
}

/** Waits for a line of the timeline that is done. */
export function passes(on: Installation, id: string, line: string, withinMs = 60_000): Promise<Detail> {
  return reaches(on, id, `${id} has passed "${line}"`, (detail) => linesOf(detail).includes(line), withinMs);
}

export function linesOf(detail: Detail): readonly string[] {
  return detail.timeline.map(({ name }) => name);
}

/** Effects of a deployment as the agent's ledger has them, in order, with what came of each. */
export async function effectsOf(on: Installation, id: string): Promise<readonly string[]> {
  const entries = (await on.ledger()).filter(({ key }) => key.startsWith(`${id}:`));
  return entries.map(({ effect, detail, outcome }) => `${outcome} ${effect} ${detail}`);
}

export async function auditActionsOf(on: Installation, id: string): Promise<readonly string[]> {
  const { items } = answerOf(await on.as("kemal").listAudit({ query: { object: id } }));
  return items.map(({ action }) => action).toReversed();
}

/** The version that the control plane believes to be live. */
export async function recorded(on: Installation, service: string): Promise<string | null> {
  const matrix = answerOf(await on.as("hana").getMatrix({}));
  const cell = matrix.cells.find((each) => each.service === service && each.environment === environment);
  return cell?.version ?? null;
}

/** Judges every stored verdict again on its stored facts; returns how many, and the ids of those that differ. */
export async function replayVerdicts(
  on: Installation,
): Promise<{ readonly judged: number; readonly different: readonly string[] }> {
  const page = 200;
  const different: string[] = [];
  let judged = 0;
  let after: VerdictId | null = null;
  for (;;) {
    const stored = await verdictsAfter(on.pool, after, page);
    for (const each of stored) {
      const facts = factsFromJson(JSON.parse(each.facts));
      ok(facts.ok, `the facts of ${each.id} cannot be read`);
      const again = verdictText(evaluate(rules, facts.value, { hash: sha256Of, zoneData: each.zoneData }));
      if (again !== each.verdict) different.push(each.id);
      judged += 1;
      after = each.id;
    }
    if (stored.length < page) return { judged, different };
  }
}
