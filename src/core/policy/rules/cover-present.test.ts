import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { coverFor } from "#core/calendar/cover/cover-for.ts";
import { coverSpan } from "#core/calendar/cover/cover-length.ts";
import { defaultStabilisation, type TeamCover } from "#core/calendar/cover/rota.ts";
import { evaluate, evaluateAt } from "#core/policy/evaluate.ts";
import type { Facts } from "#core/policy/facts.ts";
import { coverPresent } from "#core/policy/rules/cover-present.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { aPerson, at, fakeHash, peopleOf, someFacts } from "#core/testing.ts";

const now = at("2026-03-27T12:00Z");
const hour = Temporal.Duration.from({ hours: 1 });
const durations = [{ service: "cart", environment: "prod-emea", p95: hour, rollbackP95: hour }];

/** On duty from now on but for 02:00 to 05:00 UTC on Saturday, 03:00 to 06:00 in Berlin. */
const cover: TeamCover = {
  team: "basket",
  stabilisation: defaultStabilisation,
  shifts: [],
  swaps: [],
  duties: [
    { person: "ann", from: now, to: at("2026-03-28T02:00Z") },
    { person: "bob", from: at("2026-03-28T05:00Z"), to: at("2026-07-01T00:00Z") },
  ],
  knownUntil: null,
};

function factsWith(overrides: Partial<Facts> = {}): Facts {
  const impact = [{ service: "cart", team: "basket", tier: 1 }];
  const people = peopleOf(aPerson("ann", { teams: ["basket"] }), aPerson("bob", { teams: ["basket"] }));
  return someFacts({ at: now, durations, impact, rotas: [cover], people, ...overrides });
}

function judgedAt(moment: string, overrides: Partial<Facts> = {}): string {
  const { outcome, code } = valueAt(coverPresent.judge(factsWith(overrides)), at(moment));
  return `${outcome} ${code}`;
}

test("a run whose stabilisation touches the gap is refused, to the instant", () => {
  // One hour and two of stabilisation: the last start that ends as the gap begins.
  assert.equal(judgedAt("2026-03-27T23:00Z"), "pass covered");
  assert.equal(judgedAt("2026-03-27T23:00:00.001Z"), "deny cover-gap");
  assert.equal(judgedAt("2026-03-28T00:00Z"), "deny cover-gap");
  assert.equal(judgedAt("2026-03-28T04:59:59.999Z"), "deny cover-gap");
  assert.equal(judgedAt("2026-03-28T05:00Z"), "pass covered");
});

test("the finding names the gap in local time and who could step in", () => {
  const judgement = valueAt(coverPresent.judge(factsWith()), at("2026-03-28T00:00Z"));
  assert.match(
    judgement.sentence,
    /^Nobody of basket is on duty from Sat 28 Mar 2026 03:00 .* to Sat 28 Mar 2026 06:00/,
  );
  assert.match(judgement.evidence?.[0]?.text ?? "", /ann or bob could step in/);
  assert.ok("remedies" in judgement && judgement.remedies[0]?.who === "team basket");
});

for (const [title, overrides, expected] of [
  [
    "a tier of less weight goes with a caution",
    { impact: [{ service: "cart", team: "basket", tier: 2 }] },
    "pass cover-thin",
  ],
  ["without any rota nothing is judged", { rotas: "none" }, "not-applicable no-rotas"],
  ["rotas that cannot be read are unknown", { rotas: "unknown" }, "unknown cover-unknown"],
  ["a team without a rota beside others is unknown", { rotas: [] }, "unknown cover-unknown"],
  [
    "a dependant's team counts by its own tier",
    {
      impact: [
        { service: "cart", team: "basket", tier: 2 },
        { service: "checkout", team: "tills", tier: 0 },
      ],
    },
    "unknown cover-unknown",
  ],
  [
    "what an import does not reach is unknown",
    { rotas: [{ ...cover, duties: cover.duties.slice(0, 1), knownUntil: at("2026-03-28T02:00Z") }] },
    "unknown cover-unknown",
  ],
  ["a service that is not known is unknown", { impact: [] }, "unknown scope-unknown"],
] as const) {
  test(`cover-present: ${title}`, () => assert.equal(judgedAt("2026-03-28T00:00Z", overrides), expected));
}

const minutes = fc.integer({ min: 0, max: 3 * 24 * 60 });
const duties = fc
  .array(fc.record({ from: minutes, length: fc.integer({ min: 1, max: 900 }) }), { maxLength: 12 })
  .map((rows) =>
    rows.map(({ from, length }) => ({
      person: "ann",
      from: now.add({ minutes: from }),
      to: now.add({ minutes: from + length }),
    })),
  );

test("it refuses exactly the starts whose span has a gap", () => {
  fc.assert(
    fc.property(duties, minutes, (made, minute) => {
      const facts = factsWith({ rotas: [{ ...cover, duties: made }] });
      const moment = now.add({ minutes: minute });
      const { subject, impact, people } = facts;
      const rotas = typeof facts.rotas === "string" ? [] : facts.rotas;
      const span = coverSpan({ subject, durations, impact, rotas }, moment);
      const { gaps } = coverFor({ impact, span, rotas, people });
      assert.equal(valueAt(coverPresent.judge(facts), moment).outcome, gaps.length === 0 ? "pass" : "deny");
    }),
  );
});

test("judged at a later instant it says what it would say then", () => {
  fc.assert(
    fc.property(duties, minutes, (made, minute) => {
      const facts = factsWith({ rotas: [{ ...cover, duties: made }] });
      const moment = now.add({ minutes: minute });
      const options = { hash: fakeHash, zoneData: "any" };
      const later = evaluateAt([coverPresent], facts, moment, options).findings[0];
      const then = evaluate([coverPresent], { ...facts, at: moment }, options).findings[0];
      assert.equal(later?.outcome, then?.outcome);
      assert.equal(later?.code, then?.code);
    }),
  );
});
