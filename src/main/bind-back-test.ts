import { evaluate } from "#core/policy/evaluate.ts";
import { judgeAgain } from "#core/policy/judge-again.ts";
import { rules } from "#core/policy/registry.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { monotonicMs } from "#runtime/clock.ts";
import { sha256Of, zoneData } from "#runtime/digest.ts";
import { documentsInForce } from "#store/configuration.ts";
import { admissionVerdicts, countAdmissionVerdicts } from "#store/policy.ts";
import type { Queryable } from "#store/sql.ts";
import { parseVerdict } from "#store/verdict.ts";
import { type JudgeStretch, makeBackTest, type RecordedVerdict } from "#usecases/policy/back-test.ts";

/** Stretches of back-tests on one connection. They occupy the thread that asks: `backTestApart` gives them one. */
export function bindBackTest(client: Queryable): JudgeStretch {
  return makeBackTest({
    judge: (facts) => evaluate(rules, facts, { hash: sha256Of, zoneData: zoneData() }),
    textOf: verdictText,
    replay,
    documents: () => documentsInForce(client),
    verdicts: (asked, limit) => admissionVerdicts(client, asked, limit),
    count: (span) => countAdmissionVerdicts(client, span),
    stopwatch: monotonicMs,
  });
}

/** Facts that do not have the digest that was stored with them, or cannot be read, are no replay. */
function replay({ verdict, facts, zoneData: zones }: RecordedVerdict): "same" | "different" | "rules-gone" {
  const again = judgeAgain(rules, { ...parseVerdict(verdict), facts }, { hash: sha256Of, zoneData: zones });
  if (!again.ok) return again.error.code === "rule-gone" ? "rules-gone" : "different";
  return verdictText(again.value) === verdict ? "same" : "different";
}
