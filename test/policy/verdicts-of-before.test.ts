import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { factsFromJson } from "#core/policy/facts-codec.ts";
import { judgeAgain } from "#core/policy/judge-again.ts";
import { defineRule, pass, refuse, type Rule } from "#core/policy/rule.ts";
import { sha256Of } from "#runtime/digest.ts";
import { verdictText } from "#core/policy/verdict-text.ts";
import { parseVerdict } from "#store/verdict.ts";

/*
 * Documents as builds of before have stored them, byte for byte, judged by the two rules below. Installations hold such:
 * a build that cannot read and reproduce them has lost the record. A new form is appended, and none is ever edited.
 */

const nine = Temporal.Instant.from("2026-03-25T09:00:00Z");
const noon = Temporal.Instant.from("2026-03-25T12:00:00Z");
const wait = { kind: "wait", who: "nobody", what: "Wait." } as const;
const about = { version: "1", title: "", reason: "", remedy: "", codes: ["gone", "there"] } as const;

const isBefore = (a: Temporal.Instant, b: Temporal.Instant): boolean => Temporal.Instant.compare(a, b) < 0;

const rules: readonly Rule[] = [
  defineRule({
    ...about,
    id: "first-stop",
    needs: [],
    judge: ({ at, horizon }) =>
      timelineOfMoments([nine], { from: at, to: horizon }, (moment) =>
        isBefore(moment, nine)
          ? refuse("wait", "there", "The first stop ends at nine.", [wait])
          : pass("gone", "It is over."),
      ),
  }),
  defineRule({
    ...about,
    id: "second-stop",
    needs: ["people"],
    judge: ({ at, horizon }) =>
      timelineOfMoments([nine, noon], { from: at, to: horizon }, (moment) =>
        !isBefore(moment, nine) && isBefore(moment, noon)
          ? refuse("deny", "there", "The second stop takes over until noon.", [wait])
          : pass("gone", "It is not there."),
      ),
  }),
];

const file = new URL("../data/verdicts/of-before.json", import.meta.url);
const stored = z
  .array(z.strictObject({ title: z.string(), facts: z.string(), verdict: z.string() }))
  .parse(JSON.parse(readFileSync(file, "utf8")));

for (const { title, facts, verdict } of stored) {
  test(`a verdict ${title} is judged again to the bytes that were stored`, () => {
    const read = parseVerdict(verdict);
    const again = judgeAgain(rules, { ...read, facts }, { hash: sha256Of, zoneData: read.zoneData });
    assert.ok(again.ok, JSON.stringify(again));
    assert.equal(verdictText(again.value), verdict);
  });

  test(`the facts of a verdict ${title} that were altered are found out`, () => {
    const read = parseVerdict(verdict);
    const altered = facts.replace('"bob"', '"eve"');
    assert.notEqual(altered, facts);
    const again = judgeAgain(rules, { ...read, facts: altered }, { hash: sha256Of, zoneData: read.zoneData });
    assert.equal(again.ok ? null : again.error.code, "facts-altered");
  });
}

test("what facts of before do not have is read as what was true when nobody kept it", () => {
  const [oldest] = stored;
  const read = factsFromJson(JSON.parse(oldest?.facts ?? ""));
  assert.ok(read.ok);
  const { policies, holds, stops, evidence, errorBudget, passed, emergency, rotas } = read.value;
  assert.deepEqual(
    { policies, holds, stops, evidence, errorBudget, passed, emergency, rotas },
    {
      policies: [],
      holds: [],
      stops: [],
      evidence: "assumed",
      errorBudget: "assumed",
      passed: "assumed",
      emergency: null,
      rotas: "none",
    },
  );
});
