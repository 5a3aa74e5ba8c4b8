import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate } from "#core/policy/evaluate.ts";
import { explainVerdict, explanationLines } from "#core/policy/explain.ts";
import { verdictToJson } from "#core/policy/present.ts";
import { rules } from "#core/policy/registry.ts";
import { aFreeze, aPerson, anApproval, aRoute, aWindow, fakeHash, peopleOf, someFacts } from "#core/testing.ts";

const options = { hash: fakeHash, zoneData: "2026c" };

test("the headline says what may not go where, why, and when it opens", () => {
  const facts = someFacts({ windows: [aWindow()] });
  const { headline, short } = explainVerdict(verdictToJson(evaluate(rules, facts, options)), "Europe/Berlin");
  assert.equal(short, headline.replace("cart@1.1.0 may not go to prod-emea now (wait)", "Must wait"));
  assert.equal(
    headline,
    "cart@1.1.0 may not go to prod-emea now (wait): Outside of its windows; the window weekend opens on " +
      "Sat 28 Mar 2026 01:00 Europe/Berlin (2026-03-28T00:00Z). It opens on Sat 28 Mar 2026 01:00 Europe/Berlin (2026-03-28T00:00Z).",
  );
});

test("an opening that another rule takes is not promised: the headline says which, and when it really opens", () => {
  const freeze = aFreeze("2026-03-28T00:00", "2026-03-28T20:00", { name: "audit" });
  const facts = someFacts({ windows: [aWindow()], freezes: [freeze] });
  const { headline } = explainVerdict(verdictToJson(evaluate(rules, facts, options)));
  assert.match(headline, /opens on Sat 28 Mar 2026 01:00 .*\. On Sat 28 Mar 2026 01:00 .* it is still closed by /);
  assert.match(headline, /closed by freeze-in-force: The .* freeze audit .*It opens on Sat 4 Apr 2026 /);
});

test("the strongest finding comes first, and every finding is there", () => {
  const facts = someFacts({
    windows: [aWindow()],
    routes: [aRoute({ approvals: 2 })],
    people: peopleOf(aPerson("ann"), aPerson("bob")),
    approvals: [anApproval("ann")],
  });
  const explanation = explainVerdict(verdictToJson(evaluate(rules, facts, options)), "Europe/Berlin");
  assert.deepEqual(
    explanation.findings.slice(0, 2).map(({ rule, says }) => `${rule} ${says}`),
    ["approved-by-another denies", "inside-window waits"],
  );
  assert.equal(explanation.findings.length, rules.length);
  assert.match(explanation.headline, /1 of 2 approvals on the route prod; .* Waiting alone does not open it\.$/);
  const lines = explanationLines(explanation);
  assert.ok(lines.includes("      bob: Approve this content."));
  const wayOut = "  opens on Sat 28 Mar 2026 01:00 Europe/Berlin (2026-03-28T00:00Z): ";
  assert.ok(lines.some((line) => line.startsWith(wayOut) && line.includes("bob: Approve this content.")));
});

test("an allowed verdict is one short sentence", () => {
  const { headline, short, waysOut } = explainVerdict(verdictToJson(evaluate(rules, someFacts(), options)));
  assert.equal(headline, "cart@1.1.0 may go to prod-emea now.");
  assert.equal(short, "Allowed.");
  assert.deepEqual(waysOut, []);
});
