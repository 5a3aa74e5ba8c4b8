import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { canonical } from "#core/audit/canonical.ts";
import { evaluate, evaluateAt, glance } from "#core/policy/evaluate.ts";
import { factsFromJson, factsToJson } from "#core/policy/facts-codec.ts";
import type { Judgement } from "#core/policy/finding.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { rules } from "#core/policy/registry.ts";
import { defineRule, pass, refuse, type Rule } from "#core/policy/rule.ts";
import { always, lazyTimeline, passes } from "#core/policy/timeline.ts";
import { aPerson, anEnvironment, aRoute, aService, at, fakeHash, peopleOf, someFacts } from "#core/testing.ts";

const options = { hash: fakeHash, zoneData: "2026c" };

const remedy = { kind: "change", who: "somebody", what: "Do it." } as const;

function saying(id: string, ...segments: readonly (readonly [hoursFromNow: number, Judgement])[]): Rule {
  return defineRule({
    id,
    version: "1",
    title: id,
    reason: id,
    remedy: id,
    codes: [],
    needs: [],
    judge({ at: now }) {
      if (segments.length === 0) throw new Error("the rule has nothing to say");
      return lazyTimeline({
        borders: segments.map(([hours]) => now.add({ hours }).epochMilliseconds),
        judge: (place) => segments[place]?.[1] ?? passing,
      });
    },
  });
}

const passing = pass("fine", "Fine.");
const waiting = refuse("wait", "later", "Later.", []);
const denying = refuse("deny", "no", "No.", [remedy]);
const holding = refuse("hold", "held", "Held.", [remedy]);
const missing = refuse("unknown", "missing", "Missing.", [remedy]);

for (const [title, judgements, isProtected, decision] of [
  ["allows when every rule passes", [passing, passing], true, "allow"],
  ["denies when one rule denies, whatever the others say", [passing, waiting, holding, denying], true, "deny"],
  ["holds when one holds and none denies", [waiting, holding], true, "hold"],
  ["takes the unknown for a deny in a protected environment", [missing, passing], true, "deny"],
  ["takes the unknown for a hold elsewhere", [missing, passing], false, "hold"],
  ["holds when a wait has no known end", [waiting], true, "hold"],
] as const) {
  test(`evaluate ${title}`, () => {
    const list = judgements.map((judgement, index) => saying(`rule-${index}`, [0, judgement]));
    const facts = someFacts({ environment: anEnvironment({ protected: isProtected }) });
    const verdict = evaluate(list, facts, options);
    assert.equal(verdict.decision, decision);
    assert.equal(verdict.findings.length, list.length, "all rules run");
  });
}

test("evaluate turns a rule that throws into a finding of its own and denies", () => {
  const verdict = evaluate([saying("mute"), saying("fine", [0, passing])], someFacts(), options);
  assert.equal(verdict.decision, "deny");
  assert.deepEqual(
    verdict.findings.map(({ outcome, code }) => [outcome, code]),
    [
      ["unknown", "rule-failed"],
      ["pass", "fine"],
    ],
  );
});

for (const [title, segments] of [
  ["starts too late", [[1, passing]]],
  [
    "is out of order",
    [
      [0, passing],
      [2, denying],
      [1, passing],
    ],
  ],
] as const) {
  test(`evaluate does not trust a timeline that ${title}`, () => {
    const [finding] = evaluate([saying("odd", ...segments)], someFacts(), options).findings;
    assert.equal(finding?.code, "rule-failed");
  });
}

const lazily = {
  "while a sentence is made": {
    judge: () => {
      throw new Error("no words");
    },
    stance: () => passes,
  },
  "while it says how a segment stands": {
    judge: () => passing,
    stance: () => {
      throw new Error("no words");
    },
  },
  "a segment that needs a deed is judged": {
    judge: (place: number) => {
      if (place === 1) throw new Error("no words");
      return denying;
    },
    stance: (place: number) => place + 1,
  },
} as const;

for (const [when, { judge, stance }] of Object.entries(lazily)) {
  test(`evaluate turns a rule that throws ${when} into a finding of its own, and asks the others all the same`, () => {
    const lazy: Rule = {
      ...saying("lazy"),
      judge: ({ at: now }) => {
        const begin = now.epochMilliseconds;
        return lazyTimeline({ borders: [begin, begin + 3_600_000], judge, stance });
      },
    };
    const { decision, findings } = evaluate([lazy, saying("fine", [0, passing])], someFacts(), options);
    assert.equal(decision, "deny");
    assert.deepEqual(
      findings.map(({ outcome, code }) => [outcome, code]),
      [
        ["unknown", "rule-failed"],
        ["pass", "fine"],
      ],
    );
    assert.match(findings[0]?.sentence ?? "", /no words/);
  });
}

test("evaluate does not trust a rule that announces a pass and denies", () => {
  const lying: Rule = {
    ...saying("lying"),
    judge: ({ at: now }) =>
      lazyTimeline({ borders: [now.epochMilliseconds], judge: () => denying, stance: () => passes }),
  };
  const { decision, findings } = evaluate([lying], someFacts(), options);
  assert.equal(decision, "deny");
  assert.equal(findings[0]?.code, "rule-failed");
});

test("a verdict without any rule is no consent", () => {
  assert.equal(evaluate([], someFacts(), options).decision, "deny");
});

test("the next opening is joint: not the earliest of the single answers", () => {
  const first = saying("first", [0, waiting], [1, passing], [3, waiting], [6, passing]);
  const second = saying("second", [0, waiting], [4, passing]);
  const verdict = evaluate([first, second], someFacts(), options);
  assert.equal(verdict.decision, "wait");
  assert.deepEqual(
    verdict.findings.map(({ until }) => until?.toString()),
    ["2026-03-25T09:00:00Z", "2026-03-25T12:00:00Z"],
  );
  assert.equal(verdict.nextOpening?.toString(), "2026-03-25T14:00:00Z");
});

test("the next opening lasts for as long as the run needs", () => {
  const rule = saying("rule", [0, waiting], [1, passing], [2, waiting], [5, passing], [9, waiting]);
  const verdict = evaluate([rule], someFacts(), { ...options, neededFor: Temporal.Duration.from({ hours: 3 }) });
  assert.equal(verdict.nextOpening?.toString(), "2026-03-25T13:00:00Z");
  assert.deepEqual(
    verdict.openings.map(({ from, to }) => [from.toString(), to.toString()]),
    [["2026-03-25T13:00:00Z", "2026-03-25T17:00:00Z"]],
  );
});

/** Random timelines of one rule: an outcome per hour. */
const hourly = fc
  .array(fc.constantFrom(passing, passing, waiting, denying, holding), { minLength: 24, maxLength: 24 })
  .map((judgements) => judgements.map((judgement, hour) => [hour, judgement] as const));

test("the next opening is what a scan hour by hour finds", () => {
  fc.assert(
    fc.property(fc.array(hourly, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 4 }), (tables, hours) => {
      const list = tables.map((table, index) => saying(`rule-${index}`, ...table));
      const facts = { ...someFacts(), horizon: someFacts().at.add({ hours: 24 }) };
      const verdict = evaluate(list, facts, { ...options, neededFor: Temporal.Duration.from({ hours }) });
      const isOpen = (hour: number) => hour >= 24 || tables.every((table) => table[hour]?.[1] === passing);
      const runs = (start: number) => Array.from({ length: hours }, (_, k) => start + k).every(isOpen);
      const scanned = Array.from({ length: 24 }, (_, hour) => hour).find(runs);
      const expected = verdict.decision === "allow" ? 0 : scanned;
      const got = verdict.nextOpening === null ? undefined : facts.at.until(verdict.nextOpening).total("hours");
      assert.equal(got, expected);
    }),
  );
});

test("judging at an instant of the horizon is a look-up: the findings are those of judging then", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 23 }), (hours) => {
      const person = aPerson("bob");
      const route = aRoute({ validFor: Temporal.Duration.from("PT12H") });
      const lock = { key: "environment:prod-emea", holder: "dep_1", fence: 1, until: at("2026-03-25T15:00Z") };
      const approval = {
        service: "cart",
        version: "1.1.0",
        environment: "prod-emea",
        person: "bob",
        decision: "approved",
        at: at("2026-03-25T07:00Z"),
        contentDigest: null,
        reason: null,
      } as const;
      const facts = someFacts({ routes: [route], people: peopleOf(person), approvals: [approval], locks: [lock] });
      const moment = facts.at.add({ hours });
      // An overdue lock is the one fact that looks different later: it is only then known to be late.
      const then = { ...facts, at: moment, locks: hours >= 7 ? [] : facts.locks };
      const lookedUp = evaluateAt(rules, facts, moment, options).findings.map(({ outcome, code }) => [outcome, code]);
      const judged = evaluate(rules, then, options).findings.map(({ outcome, code }) => [outcome, code]);
      assert.deepEqual(lookedUp, judged);
    }),
  );
});

test("an instant outside of the horizon is refused", () => {
  const facts = someFacts();
  assert.throws(() => evaluateAt(rules, facts, facts.horizon, options), RangeError);
  assert.throws(() => evaluateAt(rules, facts, facts.at.subtract({ seconds: 1 }), options), RangeError);
});

test("stored facts are judged again to the same verdict, byte for byte", () => {
  const facts = someFacts({
    service: aService({ dependsOn: [{ on: "pricing", kind: "sync", versions: ">=3.2" }] }),
    routes: [aRoute({ approvals: 2, validFor: Temporal.Duration.from("P14D") })],
    people: peopleOf(aPerson("bob"), aPerson("ann")),
    deployed: [{ service: "pricing", version: "3.1.0", environment: "prod-emea", since: at("2026-01-10T00:00Z") }],
  });
  const stored: unknown = JSON.parse(canonical(factsToJson(facts)));
  const read = factsFromJson(stored);
  assert.ok(read.ok);
  const text = (verdict: ReturnType<typeof evaluate>) => JSON.stringify(verdictToJson(verdict));
  assert.equal(text(evaluate(rules, read.value, options)), text(evaluate(rules, facts, options)));
});

test("facts with a member that nobody knows are refused with its place", () => {
  const json = { ...JSON.parse(JSON.stringify(factsToJson(someFacts()))), moonPhase: "full" };
  const read = factsFromJson(json);
  assert.ok(!read.ok);
  assert.equal(read.error.message, "$.moonPhase: not expected here");
});

test("the digest changes with a fact, with the version of a rule and with the zone data", () => {
  const rule = saying("rule", [0, passing]);
  const digest = (list: readonly Rule[], facts = someFacts(), zoneData = "2026c") =>
    evaluate(list, facts, { hash: fakeHash, zoneData }).factsDigest;
  const digests = [
    digest([rule]),
    digest([{ ...rule, version: "2" }]),
    digest([rule], someFacts({ routes: [aRoute()] })),
    digest([rule], someFacts(), "2026d"),
  ];
  assert.equal(new Set(digests).size, digests.length);
  assert.equal(digest([rule]), digests[0]);
});

test("a rule that answers for ever keeps the verdict from being opened by the horizon alone", () => {
  const never = { ...saying("never"), judge: ({ at: now }: { at: Temporal.Instant }) => always(now, denying) };
  assert.equal(evaluate([never], someFacts(), options).nextOpening, null);
});

test("a glance leaves to the verdict what a rule cannot put into words", () => {
  const mute: Rule = {
    ...saying("mute", [0, denying]),
    judge: ({ at: now }) =>
      lazyTimeline({
        borders: [now.epochMilliseconds],
        judge: () => {
          throw new Error("no words");
        },
        stance: () => 1,
      }),
  };
  assert.equal(glance([mute], someFacts(), options), null);
  assert.equal(evaluate([mute], someFacts(), options).findings[0]?.code, "rule-failed");
});

test("a glance without any rule is no consent", () => {
  assert.equal(glance([], someFacts(), options)?.decision, "deny");
});
