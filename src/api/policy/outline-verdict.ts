import { outlineVerdict } from "#contract/verdict.ts";
import type { Span } from "#core/span.ts";
import { answer, defineHandler, refuse } from "#api/handler.ts";
import { noSuchDeployment, subjectOfQuestion } from "#api/policy/question-subject.ts";

export const outlineVerdictHandler = defineHandler(outlineVerdict, async (deps, call) => {
  const { at, to } = call.body;
  const subject = await subjectOfQuestion(deps, call.body, call.identity.person.name);
  if (subject === null) return refuse("no-such-deployment", noSuchDeployment(call.body));
  const outlined = await deps.operations.outlineVerdict({
    subject,
    at: at === undefined ? null : Temporal.Instant.from(at),
    to: to === undefined ? null : Temporal.Instant.from(to),
  });
  if (!outlined.ok) return refuse("bad-span", "to must lie after at, which is now when left out.");
  const { span, lanes, joint, openings } = outlined.value;
  return answer(200, {
    ...wireSpan(span),
    lanes: lanes.map(({ rule, ruleVersion, stretches, cutAt }) => ({
      rule,
      ruleVersion,
      stretches: stretches.map(({ span: one, course, sentence }) => ({ ...wireSpan(one), course, sentence })),
      cutAt: cutAt?.toString() ?? null,
    })),
    joint: joint.map(({ span: one, course }) => ({ ...wireSpan(one), course })),
    openings: openings.map(wireSpan),
  });
});

function wireSpan({ from, to }: Span): { readonly from: string; readonly to: string } {
  return { from: from.toString(), to: to.toString() };
}
