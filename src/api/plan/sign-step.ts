import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchRun } from "#api/plan/get-run.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { signStep } from "#contract/plan-step.ts";

export const signStepHandler = defineHandler(signStep, async (deps, call) => {
  const { id } = call.params;
  const { part, step, signs, token } = call.body;
  const proof = await deps.access.prove(token, call.identity);
  if (!proof.ok) {
    const details = {
      "bad-token": "The token is unknown, expired or revoked. Nothing was signed.",
      "not-your-token": "The token speaks for somebody else. Sign with one of your own.",
      "automation-may-not-sign": "The token belongs to a bot. Sign with one of an account that you use yourself.",
    };
    return refuse(proof.error, details[proof.error]);
  }
  const signed = await deps.plans.signStep({ id, part, step, signs, proof: proof.value }, callOf(call));
  if (signed.ok) {
    const { text, digest, expiresAt } = signed.value;
    return answer(200, { signature: text, digest, expiresAt: expiresAt.toString() });
  }
  const details = {
    "no-such-run": noSuchRun(id),
    "no-such-task": `The step ${step} of ${id} does not ask for this, or has not begun.`,
    "already-answered": `The step ${step} of ${id} has ended; nothing is left to sign.`,
    "bad-answer":
      "A file of the answer cannot be kept: five at most, in base64, with 256 KiB each and names of their own.",
  };
  return refuse(signed.error, details[signed.error]);
});
