import type { Facts, Subject } from "#core/policy/facts.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import type { VerdictId } from "#core/id.ts";
import type { Operations } from "#usecases/operations.ts";
import type { Actor, AuditRecords, Transact } from "#usecases/records.ts";

/** All rules over the facts: the one function behind every gate (semantics §3.6). Bound in `main/compose`. */
export type Judge = (facts: Facts) => Verdict;

/**
 * How far timelines reach. 60 days hold every opening that anybody plans for by hand, and at least one occurrence of
 * a monthly window with a holiday in the way.
 */
export const horizonDays = 60;

export function horizonOf(at: Temporal.Instant): Temporal.Instant {
  return at.add({ hours: horizonDays * 24 });
}

/** A question about now, and who asks. */
export interface Question {
  readonly subject: Subject;
  readonly actor: Actor;
  readonly requestId: string | null;
}

/** null: the facts are behind; ask the database. */
export type AnswerNow = (question: Question) => Promise<Verdict | null>;

export interface AskVerdictDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly judge: Judge;
  /** Answers from facts in memory; null: they are not kept, not read yet, or cannot be brought up to date. */
  readonly answerNow: () => AnswerNow | null;
}

/**
 * Answers a question about now or another instant. It changes nothing; the answer is stored like every verdict, with an
 * entry in the record. Facts of another instant are read from the database.
 */
export function makeAskVerdict(deps: AskVerdictDeps): Operations["askVerdict"] {
  return async ({ subject, at }, { actor, requestId }) => {
    const question = { subject, actor, requestId };
    const answerNow = at === null ? deps.answerNow() : null;
    const answered = answerNow === null ? null : await answerNow(question);
    return answered ?? answerFromDatabase(deps, question, at ?? deps.now());
  };
}

function answerFromDatabase(deps: AskVerdictDeps, question: Question, at: Temporal.Instant): Promise<Verdict> {
  return deps.transact(async (records) => {
    const facts = await records.facts.load(question.subject, at, horizonOf(at));
    const verdict = deps.judge(facts);
    const id = await records.verdicts.save(verdict, facts, "question", null);
    await records.audit.append(questionAct(question, verdict, id));
    return verdict;
  });
}

/** How a question stands in the record: allowed ones too. */
export function questionAct(
  { subject, actor, requestId }: Question,
  verdict: Verdict,
  id: VerdictId,
): Parameters<AuditRecords["append"]>[0] {
  return {
    at: verdict.at,
    actor,
    action: "verdict.ask",
    object: `${subject.service}@${subject.version} ${subject.environment}`,
    outcome: verdict.decision,
    reason: null,
    verdict: id,
    requestId,
    before: null,
    after: { factsDigest: verdict.factsDigest },
  };
}

/** The subject of a question that nobody has requested yet. */
export function questionSubject(about: Pick<Subject, "service" | "version" | "environment" | "action">): Subject {
  return { ...about, class: "normal", invoker: "person", requestedBy: null, contentDigest: null, onBehalfOf: null };
}
