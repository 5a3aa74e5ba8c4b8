import { stepsOf } from "#core/plan/plan.ts";
import { err, ok } from "#core/result.ts";
import { answerDigest, decisionDigest, readFiles, type DigestOfBytes } from "#usecases/plan/given.ts";
import type { StepKey } from "#usecases/plan/plan-records.ts";
import { signatureLives, toSignatureText, type SignatureDeps } from "#usecases/plan/signature.ts";
import type { GivenAnswer, GivenDecision, StepOperations } from "#usecases/plan/step-operations.ts";
import type { DigestOf } from "#usecases/release/content.ts";
import type { Transact } from "#usecases/records.ts";

export interface SignStepDeps extends SignatureDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly digestOf: DigestOf;
  readonly digestOfBytes: DigestOfBytes;
}

/**
 * A signature for one answer to one step, given to whoever has just shown once more who they are: short-lived, used once,
 * and worth nothing for any other person, step or answer.
 */
export function makeSignStep(deps: SignStepDeps): StepOperations["signStep"] {
  return ({ id, part, step: name, signs, proof }, call) =>
    deps.transact(async (records) => {
      const run = await records.runs.find(id);
      if (run === null) return err("no-such-run");
      const kind = stepsOf(run.plan, part).find((one) => one.name === name)?.action.kind;
      const begun = (await records.runs.steps(id)).find((one) => one.part === part && one.name === name);
      const fits = "decision" in signs ? kind === "approve" : kind === "human-task";
      if (!fits || begun === undefined) return err("no-such-task");
      if (begun.state !== "running") return err("already-answered");
      const step: StepKey = { run: id, part, name };
      const digest = digestOfSigned(deps, step, signs);
      if (digest === null) return err("bad-answer");
      const signatureId = `sig_${deps.secrets.make().slice(0, 32)}`;
      const secret = deps.secrets.make();
      const createdAt = deps.credentialNow();
      const expiresAt = createdAt.add(signatureLives);
      await records.signatures.insert({
        id: signatureId,
        secretHash: deps.secrets.hash(secret),
        person: call.actor.person,
        account: proof.account,
        token: proof.token,
        step,
        digest,
        createdAt,
        expiresAt,
      });
      await records.audit.append({
        at: deps.now(),
        actor: call.actor,
        action: "step.sign",
        object: `${id}/${part}/${name}`,
        outcome: "given",
        reason: null,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: { id: signatureId, account: proof.account, token: proof.token, digest },
      });
      return ok({ text: toSignatureText(signatureId, secret), digest, expiresAt });
    });
}

/** Null when its files cannot be kept. */
function digestOfSigned(
  { digestOf, digestOfBytes }: SignStepDeps,
  step: StepKey,
  signs: GivenAnswer | GivenDecision,
): string | null {
  if ("decision" in signs) return decisionDigest(digestOf, step, signs);
  const files = readFiles(signs.attachments, digestOfBytes);
  return files.ok ? answerDigest(digestOf, step, signs, files.value) : null;
}
