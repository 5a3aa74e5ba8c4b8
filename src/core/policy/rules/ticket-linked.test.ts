import assert from "node:assert/strict";
import { test } from "node:test";
import type { Facts } from "#core/policy/facts.ts";
import { ticketLinked } from "#core/policy/rules/ticket-linked.ts";
import { valueAt } from "#core/policy/timeline.ts";
import { at, someFacts } from "#core/testing.ts";
import { aPolicy, aTicket } from "#core/testing-demands.ts";

const policies = [aPolicy({ ticket: { states: ["approved", "scheduled"] } })];

function judged(overrides: Partial<Facts>, now = "2026-03-25T08:00Z"): string {
  const { outcome, code } = valueAt(ticketLinked.judge(someFacts({ policies, ...overrides })), at(now));
  return `${outcome} ${code}`;
}

const planned = { from: at("2026-03-28T00:00Z"), to: at("2026-03-28T04:00Z") };

for (const [title, overrides, expected] of [
  ["is silent when no policy asks", { policies: [] }, "not-applicable no-ticket-demanded"],
  ["takes what is kept nowhere for fine", { tickets: "assumed" }, "not-applicable tickets-assumed"],
  ["passes with a ticket for service and environment", { tickets: [aTicket()] }, "pass ticket-linked"],
  [
    "takes a ticket without environments for all of them",
    { tickets: [aTicket({ environments: [] })] },
    "pass ticket-linked",
  ],
  ["denies without a ticket", { tickets: [] }, "deny no-ticket"],
  ["denies with a ticket for another service", { tickets: [aTicket({ services: ["mail"] })] }, "deny ticket-mismatch"],
  ["denies with a ticket for another place", { tickets: [aTicket({ environments: ["dev"] })] }, "deny ticket-mismatch"],
  ["denies in a state that does not count", { tickets: [aTicket({ state: "draft" })] }, "deny ticket-other-state"],
  ["waits for its planned time", { tickets: [aTicket(planned)] }, "wait ticket-not-yet"],
  ["cannot judge an unknown environment", { environment: null }, "unknown scope-unknown"],
] as const) {
  test(`ticket-linked ${title}`, () => assert.equal(judged(overrides), expected));
}

test("the planned time of a ticket is half-open", () => {
  const tickets = [aTicket(planned)];
  assert.equal(judged({ tickets }, "2026-03-27T23:59:59Z"), "wait ticket-not-yet");
  assert.equal(judged({ tickets }, "2026-03-28T00:00Z"), "pass ticket-linked");
  assert.equal(judged({ tickets }, "2026-03-28T04:00Z"), "deny ticket-over");
});

test("the sentence says which ticket is in which state and what would do", () => {
  const facts = someFacts({ policies, tickets: [aTicket({ state: "draft" })] });
  assert.equal(valueAt(ticketLinked.judge(facts), facts.at).sentence, "CHG-1 is draft, not approved or scheduled.");
});
