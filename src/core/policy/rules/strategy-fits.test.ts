import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutTraits } from "#core/catalog/service.ts";
import type { Facts } from "#core/policy/facts.ts";
import { factsFromJson, factsToJson } from "#core/policy/facts-codec.ts";
import { strategyFits } from "#core/policy/rules/strategy-fits.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { defaultStrategy, type HowItRolls, type Strategy } from "#core/rollout/strategy.ts";
import { aPolicy } from "#core/testing-demands.ts";
import { aService, aSubject, someFacts } from "#core/testing.ts";

const by = (how: HowItRolls): Strategy => ({ ...defaultStrategy, name: "own", ...how });

function factsOf(rollout: RolloutTraits, how: HowItRolls, overrides: Partial<Facts> = {}): Facts {
  return someFacts({ service: aService({ name: "cart", rollout }), strategies: [by(how)], ...overrides });
}

const judged = (facts: Facts) => valueAt(strategyFits.judge(facts), facts.at);

test("The canary of a service that says nothing fits, as it did before there were other methods", () => {
  const { outcome, code, sentence } = judged(someFacts());
  assert.deepEqual([outcome, code], ["pass", "fits"]);
  assert.equal(sentence, "It goes by canary, strategy default-canary.");
});

test("An excluded method is denied, with every reason and what to do", () => {
  const judgement = judged(factsOf({ writers: "single", volumes: true }, { method: "blue-green" }));
  assert.deepEqual([judgement.outcome, judgement.code], ["deny", "excluded"]);
  assert.equal(
    judgement.sentence,
    "The strategy own is blue-green, and that is excluded: cart has a single writer, and two versions at a time would both write; cart keeps data on a volume that only one process can have.",
  );
  assert.ok("remedies" in judgement && judgement.remedies.length === 2);
});

test("A service without metrics by version gets no canary, not even the one of the default", () => {
  const { outcome, sentence } = judged(factsOf({ versionMetrics: false }, {}));
  assert.equal(outcome, "deny");
  assert.match(sentence, /the metrics of cart do not tell versions apart/);
});

test("Stop and start says beforehand that users will be without the service, and for how long they accept it", () => {
  const { outcome, sentence } = judged(factsOf({ downtimeSeconds: 120 }, { method: "stop-start" }));
  assert.deepEqual(
    [outcome, sentence],
    ["pass", "It goes by stop and start, strategy own: users are without it meanwhile, and accept 120 s."],
  );
});

const bar = aPolicy({ rollout: { canaryFor: ["high"] } });

for (const [what, traits, how, outcome] of [
  ["a high impact without a canary", { impact: "high" }, { method: "rolling" }, "deny"],
  ["an impact that nobody has told, without a canary", {}, { method: "rolling" }, "deny"],
  ["a high impact with a canary", { impact: "high" }, { method: "canary" }, "pass"],
  ["a low impact without a canary", { impact: "low" }, { method: "rolling" }, "pass"],
] as const) {
  test(`Where a policy demands canaries for high impact, ${what} is: ${outcome}`, () => {
    const judgement = judged(factsOf({ writers: "many", ...traits }, how, { policies: [bar] }));
    assert.equal(judgement.outcome, outcome);
    if (outcome === "deny") assert.equal(judgement.code, "canary-demanded");
  });
}

test("Going back is not asked for a canary, and what rolls no version out is not asked at all", () => {
  const facts = factsOf({ writers: "many", impact: "high" }, { method: "rolling" }, { policies: [bar] });
  assert.equal(judged({ ...facts, subject: aSubject({ action: "roll-back" }) }).outcome, "pass");
  assert.equal(judged({ ...facts, subject: aSubject({ action: "flag" }) }).outcome, "not-applicable");
});

const goesBack = aSubject({ action: "roll-back" });

test("What goes back says that it goes at once, and what says so", () => {
  const sentenceOf = (strategies: readonly Strategy[]) => judged(someFacts({ subject: goesBack, strategies })).sentence;
  assert.equal(
    sentenceOf([by({ cohort: "beta" })]),
    "It goes by one shift. At once to 100 %, because it is a way back: the default, as no strategy for roll-back goes before own.",
  );
  const scope = { actions: ["roll-back"] };
  const stages = defaultStrategy.stages.slice(-1);
  assert.equal(
    sentenceOf([{ ...by({}), scope, stages }]),
    "It goes by canary, strategy own. At once to 100 %, because it is a way back: strategy own.",
  );
  assert.equal(
    sentenceOf([{ ...by({}), scope }]),
    "It goes by canary, strategy own. A way back in stages of 5, 25, 50, 100 %: strategy own.",
  );
});

test("Going back at once is excluded by the harm of two versions at a time, not by what a comparison would need", () => {
  const judge = (traits: RolloutTraits, how: HowItRolls) => judged(factsOf(traits, how, { subject: goesBack })).code;
  assert.equal(judge({ versionMetrics: false, rollbackSeconds: 1 }, {}), "fits");
  assert.equal(judge({}, { method: "blue-green" }), "fits");
  assert.equal(judge({ writers: "single" }, {}), "excluded");
  assert.equal(judge({ writers: "single", downtimeSeconds: 60 }, { method: "stop-start" }), "fits");
  assert.equal(judge({ downtimeSeconds: 0 }, { method: "stop-start" }), "excluded");
});

test("What is said of a rollout survives the record, and what was not said stays away", () => {
  const how = { method: "blue-green", sessions: { idleSeconds: 5, drainSeconds: 10 }, holdSeconds: 60 } as const;
  const facts = factsOf({ writers: "many", sessions: "sticky" }, how, { policies: [bar] });
  const read = factsFromJson(JSON.parse(JSON.stringify(factsToJson(facts))));
  assert.ok(read.ok);
  assert.deepEqual(read.value.strategies, facts.strategies);
  assert.deepEqual(read.value.service?.rollout, facts.service?.rollout);
  const plain = factsToJson(someFacts({ strategies: [defaultStrategy] }));
  assert.doesNotMatch(JSON.stringify(plain), /method|cohort|holdSeconds/);
});
