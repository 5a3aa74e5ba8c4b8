import { consentTo, whyNoConsent, type Barred } from "#core/plan/consent.ts";
import type { Approve } from "#core/plan/guard.ts";
import { stepsOf } from "#core/plan/plan.ts";
import { err, ok } from "#core/result.ts";
import { answerStep } from "#usecases/plan/advance-run.ts";
import type { ChangeRunDeps } from "#usecases/plan/change-run.ts";
import { decisionDigest } from "#usecases/plan/given.ts";
import type { PlanRun, RunStep, StepKey } from "#usecases/plan/plan-records.ts";
import { barredFrom, contentOfRun, type RunContent } from "#usecases/plan/run-content.ts";
import { viewOf } from "#usecases/plan/show-run.ts";
import { signatureEntry, useSignature, type SignatureDeps } from "#usecases/plan/signature.ts";
import type { StepOperations } from "#usecases/plan/step-operations.ts";
import type { StoredSignature } from "#usecases/plan/step-records.ts";
import type { Records } from "#usecases/records.ts";

type DecideStepDeps = ChangeRunDeps & SignatureDeps;
type Input = Parameters<StepOperations["decideStep"]>[0];

/**
 * Consent to what a run is going to do, or refusal of it (semantics §4): by somebody else than who started or made it, on
 * exactly the content that was shown. Enough consent lets the run go on in the same transaction; a rejection ends the step.
 */
export function makeDecideStep(deps: DecideStepDeps): StepOperations["decideStep"] {
  return (input, call) =>
    deps.transact(async (records) => {
      const run = await records.runs.findForUpdate(input.id);
      if (run === null) return err("no-such-run");
      const found = await askedIn(records, run, input);
      if (typeof found === "string") return err(found);
      const { action, begun } = found;
      const { person } = call.actor;
      const { people } = await records.catalog.inForce();
      const barred = await barredFrom(records, run);
      const refusal = whyNoConsent(action, person, barred, people);
      if (refusal !== null) return err(refusal);
      const content = await contentOfRun(deps, records, run);
      if (content.digest !== input.contentDigest) {
        // Whoever looks again sees what would run now.
        await records.runs.lookAgain(begun, begun.deadline, { notes: { ...begun.notes, content: content.digest } });
        return err("content-changed");
      }
      const step: StepKey = { run: run.id, part: input.part, name: input.step };
      const digest = decisionDigest(deps.digestOf, step, input);
      const signature =
        input.signature === null ? null : await useSignature(deps, records, input.signature, { step, person, digest });
      if (signature === null && (action.signature || input.signature !== null)) return err("not-signed");
      const at = deps.now();
      const decision = {
        person,
        decision: input.decision,
        contentDigest: content.digest,
        reason: input.note,
        at,
        isSigned: signature !== null,
      };
      if (!(await records.decisions.insert(step, decision, signature?.id ?? null))) return err("already-decided");
      await records.audit.append({
        at,
        actor: call.actor,
        action: "step.decide",
        object: `${run.id}/${input.part}/${input.step}`,
        outcome: input.decision,
        reason: input.note,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: { contentDigest: content.digest, signature: signedBy(signature) },
      });
      await settleStep(deps, records, { run, step, action, content, barred }, input, person);
      return ok(await viewOf(records, run, at));
    });
}

function signedBy(signature: StoredSignature | null) {
  return signature === null ? null : signatureEntry(signature);
}

async function askedIn(
  records: Records,
  run: PlanRun,
  { part, step }: Input,
): Promise<{ readonly action: Approve; readonly begun: RunStep } | "no-such-task" | "already-answered"> {
  const action = stepsOf(run.plan, part).find(({ name }) => name === step)?.action;
  const begun = (await records.runs.steps(run.id)).find((one) => one.part === part && one.name === step);
  if (action?.kind !== "approve" || begun === undefined) return "no-such-task";
  return begun.state === "running" ? { action, begun } : "already-answered";
}

interface Asked {
  readonly run: PlanRun;
  readonly step: StepKey;
  readonly action: Approve;
  readonly content: RunContent;
  readonly barred: Barred;
}

async function settleStep(
  deps: DecideStepDeps,
  records: Records,
  { run, step, action, content, barred }: Asked,
  { decision, note }: Input,
  person: string,
): Promise<void> {
  const { part, name } = step;
  const notes = { content: content.digest };
  if (decision === "rejected") {
    const end = { state: "refused", outcome: `${person} rejected it: ${note}`, notes } as const;
    await answerStep(deps, records, run, { part, name }, end);
    return;
  }
  const own = (await records.decisions.ofRun(run.id)).filter((one) => one.part === part && one.step === name);
  const { people } = await records.catalog.inForce();
  const { approvedBy } = consentTo(content.digest, action, own, barred, people);
  if (approvedBy.length < action.approvals) return;
  const end = { state: "done", outcome: `Approved by ${approvedBy.join(", ")}.`, notes } as const;
  await answerStep(deps, records, run, { part, name }, end);
}
