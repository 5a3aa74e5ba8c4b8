import type { z } from "zod";
import type { DeepReadonly } from "#api/handler.ts";
import type { runStep as wireStep } from "#contract/plan.ts";
import type { Part, PlanStep } from "#core/plan/plan.ts";
import { decideAction } from "#api/plan/run-actions.ts";
import type { Identity } from "#usecases/access/identity.ts";
import type { RunKept } from "#usecases/plan/plan-operations.ts";
import type { RunStep } from "#usecases/plan/plan-records.ts";

export type Kept = Pick<DeepReadonly<z.input<typeof wireStep>>, "waits" | "consent" | "checks" | "contacts" | "files">;

/** What a step asks of people, why it waits, and what it keeps. */
export function presentKept(
  part: Part,
  { name, action, contacts }: PlanStep,
  begun: RunStep | undefined,
  kept: RunKept,
  viewer: Identity,
): Kept {
  const { decisions, files, onCall, consent } = kept;
  const isOwn = (one: { readonly part: Part; readonly step: string }): boolean =>
    one.part === part && one.step === name;
  return {
    waits: begun?.notes?.waits ?? null,
    consent:
      action.kind === "approve"
        ? {
            roles: action.roles,
            teams: action.teams,
            approvals: action.approvals,
            signature: action.signature,
            decide: decideAction(action, begun, kept, viewer),
            approvedBy: consent?.approvedBy.get(name) ?? [],
            brings: consent?.brings ?? [],
            contentDigest: begun?.notes?.content ?? null,
            decisions: decisions.filter(isOwn).map(({ person, decision, contentDigest, reason, at, isSigned }) => ({
              person,
              decision,
              contentDigest,
              reason,
              at: at.toString(),
              signed: isSigned,
            })),
          }
        : null,
    checks: begun?.notes?.checks ?? [],
    contacts: onCall.filter(({ team }) => contacts?.includes(team) === true),
    files: files.filter(isOwn).map(({ fileName, digest, bytes, person, at }) => ({
      name: fileName,
      digest,
      bytes,
      by: person,
      at: at.toString(),
    })),
  };
}
