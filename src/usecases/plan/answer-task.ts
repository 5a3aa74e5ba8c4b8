import { lookAfterAnswer } from "#usecases/plan/steps/preflight.ts";
import { taskOf, type FormField, type HumanTask } from "#core/plan/action.ts";
import { hasApproved } from "#core/plan/consent.ts";
import { stepsOf } from "#core/plan/plan.ts";
import { isMeant } from "#core/release/hold.ts";
import { err, ok } from "#core/result.ts";
import { answerStep } from "#usecases/plan/advance-run.ts";
import type { ChangeRunDeps } from "#usecases/plan/change-run.ts";
import { answerDigest, readFiles, type DigestOfBytes } from "#usecases/plan/given.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { FormAnswer } from "#usecases/plan/plan-records.ts";
import type { NewFile, StoredSignature } from "#usecases/plan/step-records.ts";
import { viewOf } from "#usecases/plan/show-run.ts";
import { signatureEntry, useSignature, type SignatureDeps } from "#usecases/plan/signature.ts";

export interface AnswerTaskDeps extends ChangeRunDeps, SignatureDeps {
  readonly digestOfBytes: DigestOfBytes;
}

/**
 * A person answers a step that asks for one (capability I4): done or failed, with what the form asks for. Only whom the
 * step names may; the answer is final, and the run goes on in the same transaction.
 */
export function makeAnswerTask(deps: AnswerTaskDeps): PlanOperations["answerTask"] {
  return ({ id, part, step, outcome, note, form, attachments = [], signature = null }, call) =>
    deps.transact(async (records) => {
      const run = await records.runs.findForUpdate(id);
      if (run === null) return err({ code: "no-such-run" });
      const planned = stepsOf(run.plan, part).find(({ name }) => name === step)?.action;
      const action = planned === undefined ? null : taskOf(planned);
      const begun = (await records.runs.steps(id)).find((each) => each.part === part && each.name === step);
      if (action === null || begun === undefined) return err({ code: "no-such-task" });
      if (begun.state !== "running" || begun.notes?.answered !== undefined) return err({ code: "already-answered" });
      const { person } = call.actor;
      const { people } = await records.catalog.inForce();
      const asked = people.get(person);
      if (asked === undefined || !isMeant(action.who, asked)) return err({ code: "not-asked", who: action.who });
      if (part === "forward" && hasApproved(person, await records.decisions.ofRun(id), people))
        return err({ code: "own-consent" });
      const read = readFiles(attachments, deps.digestOfBytes);
      const files = read.ok ? read.value : [];
      const problems = [
        ...(read.ok ? [] : read.error),
        ...(outcome === "done" ? formProblems(action.form, form) : []),
        ...fileProblems(action, outcome, attachments.length),
      ];
      if (problems.length > 0) return err({ code: "bad-answer", problems });
      const key = { run: id, part, name: step };
      const digest = answerDigest(deps.digestOf, key, { outcome, note, form }, files);
      const signed =
        signature === null ? null : await useSignature(deps, records, signature, { step: key, person, digest });
      if (signed === null && (action.signature === true || signature !== null)) return err({ code: "not-signed" });
      for (const file of files) await records.files.insert(key, file, person, deps.now());
      const answer = { by: person, form };
      const end = { state: outcome, outcome: `${person}: ${note}`, answer };
      await records.audit.append({
        at: deps.now(),
        actor: call.actor,
        action: "task.answer",
        object: `${id}/${part}/${step}`,
        outcome,
        reason: note,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: entryOf(form, files, signed),
      });
      // The items of a checklist are one half of it: what the targets show is looked at now, just before the start.
      if (planned?.kind === "preflight" && outcome === "done") await lookAfterAnswer(deps, records, begun, answer);
      else await answerStep(deps, records, run, { part, name: step }, end);
      return ok(await viewOf(records, run, deps.now()));
    });
}

function entryOf(form: FormAnswer, files: readonly NewFile[], signed: StoredSignature | null) {
  const kept = files.map(({ fileName, digest }) => ({ fileName, digest }));
  return { form, files: kept, signature: signed === null ? null : signatureEntry(signed) };
}

function fileProblems(action: HumanTask, outcome: "done" | "failed", count: number): readonly string[] {
  if (action.attachments === "none" && count > 0) return ["The step takes no files."];
  const isMissing = action.attachments === "required" && outcome === "done" && count === 0;
  return isMissing ? ["The step asks for a file as evidence; there is none."] : [];
}

/** One sentence for each field that is missing, of the wrong type, or not in the form. */
export function formProblems(form: readonly FormField[], given: FormAnswer): readonly string[] {
  const unknown = Object.keys(given).filter((name) => !form.some((field) => field.name === name));
  return [
    ...form.flatMap((field) => fieldProblem(field, given[field.name])),
    ...unknown.map((name) => `The form has no field "${name}".`),
  ];
}

function fieldProblem({ name, label, type, required }: FormField, value: FormAnswer[string] | undefined) {
  if (value === undefined || value === "") return required ? [`"${name}" is missing: ${label}`] : [];
  const isFit =
    type === "number"
      ? typeof value === "number" && Number.isFinite(value)
      : type === "yes-no"
        ? typeof value === "boolean"
        : typeof value === "string" && (type === "text" || /^https?:\/\/\S+$/.test(value));
  return isFit ? [] : [`"${name}" must be a ${type}: ${label}`];
}
