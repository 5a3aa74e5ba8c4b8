import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "#core/catalog/people.ts";
import type { DecisionProtocol } from "#core/rollback/decision.ts";
import { mayState } from "#core/rollback/may-state.ts";
import { aPerson } from "#core/testing.ts";

const minutes = (count: number) => Temporal.Duration.from({ minutes: count });
const protocol: DecisionProtocol = {
  decider: "bob",
  deputy: null,
  within: minutes(10),
  whenSilent: "go-back",
  firstMessage: minutes(2),
  tell: ["finance"],
  downtime: null,
  stakeholders: [{ who: "finn", deputy: "gina" }],
  answerWithin: minutes(5),
};

for (const [who, name, roles, teams, allowed] of [
  ["a stakeholder who only looks", "finn", ["viewer"], [], true],
  ["their deputy", "gina", ["viewer"], [], true],
  ["somebody of a team that is told", "vera", ["viewer"], ["finance"], true],
  ["somebody who only looks and is not named", "vera", ["viewer"], [], false],
  ["somebody who does work", "ann", ["developer"], [], true],
  ["an auditor", "omar", ["auditor"], [], false],
  ["an auditor who is named", "finn", ["auditor"], [], false],
  ["an auditor who is named and holds another role", "finn", ["auditor", "operator"], [], false],
  ["an administrator", "root", ["administrator"], [], false],
  ["somebody without a role who is named", "finn", [], [], false],
] as const satisfies readonly (readonly [string, string, readonly Role[], readonly string[], boolean])[]) {
  test(`While it is decided about a way back, the words of ${who} ${allowed ? "count" : "do not go on record"}`, () => {
    const word = mayState(protocol, aPerson(name, { roles, teams }));
    assert.equal(word.allowed, allowed, word.because.join(" "));
  });
}
