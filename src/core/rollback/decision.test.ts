import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dueActs,
  expiresAt,
  mayDecide,
  mustAnswer,
  nextDueAt,
  type DecisionAct,
  type DecisionProtocol,
  type RollbackDecision,
} from "#core/rollback/decision.ts";
import { at } from "#core/testing.ts";

const minutes = (count: number): Temporal.Duration => Temporal.Duration.from({ minutes: count });
const opened = at("2026-03-25T08:00Z");
const after = (count: number): Temporal.Instant => opened.add({ minutes: count });

const protocol: DecisionProtocol = {
  decider: "bob",
  deputy: "kemal",
  within: minutes(10),
  whenSilent: "go-back",
  firstMessage: minutes(2),
  tell: ["checkout"],
  downtime: minutes(25),
  stakeholders: [{ who: "finn", deputy: "gina" }],
  answerWithin: minutes(5),
};

function open(overrides: Partial<RollbackDecision> = {}, changed: Partial<DecisionProtocol> = {}): RollbackDecision {
  return {
    id: "rdc_1",
    deployment: "dep_1",
    cause: "alert",
    because: "2.5 % of the requests fail.",
    openedAt: opened,
    protocol: { ...protocol, ...changed },
    statements: [],
    sent: [],
    ended: null,
    ...overrides,
  };
}

const isOf = (name: string, person: string): boolean => name === person;
const said = (acts: readonly DecisionAct[]): readonly string[] =>
  acts.map((act) => (act.kind === "message" ? act.key : `expire: ${act.option}`));

test("whoever decides and whose business it is are asked at once, the first message goes out at T+2", () => {
  assert.deepEqual(said(dueActs(open(), opened, isOf)), ["decide", "ask finn"]);
  assert.deepEqual(said(dueActs(open(), after(2).subtract({ seconds: 1 }), isOf)), ["decide", "ask finn"]);
  assert.deepEqual(said(dueActs(open(), after(2), isOf)), ["decide", "ask finn", "first"]);
});

test("a message goes out once, whoever looks how often", () => {
  const sent = ["decide", "ask finn", "first"];
  assert.deepEqual(said(dueActs(open({ sent }), after(4), isOf)), []);
  assert.equal(nextDueAt(open({ sent }), isOf)?.toString(), after(5).toString());
});

test("five minutes of silence have the deputy asked; a word of the one who was asked does not", () => {
  const sent = ["decide", "ask finn", "first"];
  assert.deepEqual(said(dueActs(open({ sent }), after(5), isOf)), ["ask gina for finn"]);
  const statements = [{ at: after(3), person: "finn", kind: "answer", option: "go-on", text: "Stay live." }] as const;
  assert.deepEqual(said(dueActs(open({ sent, statements }), after(5), isOf)), []);
});

test("without downtime nobody's business is asked", () => {
  assert.deepEqual(said(dueActs(open({}, { downtime: null }), after(5), isOf)), ["decide", "first"]);
});

test("an objection stands and does not stop the clock: at T+10 the default is taken", () => {
  const statements = [
    { at: after(4), person: "finn", kind: "objection", option: "go-on", text: "Stay live." },
  ] as const;
  const sent = ["decide", "ask finn", "first"];
  const objected = open({ statements, sent });
  assert.equal(expiresAt(objected).toString(), after(10).toString());
  assert.deepEqual(said(dueActs(objected, after(10).subtract({ seconds: 1 }), isOf)), []);
  assert.deepEqual(said(dueActs(objected, after(10), isOf)), ["expire: go-back"]);
});

test("the default is the one of the protocol", () => {
  const staying = open({ sent: ["decide", "ask finn", "first", "ask gina for finn"] }, { whenSilent: "go-on" });
  assert.deepEqual(said(dueActs(staying, after(10), isOf)), ["expire: go-on"]);
});

test("what has ended is due never again", () => {
  const ended = open({ ended: { at: after(1), option: "go-on", by: "bob" } });
  assert.deepEqual(dueActs(ended, after(60), isOf), []);
  assert.equal(nextDueAt(ended, isOf), null);
});

test("decider and deputy decide, nobody else", () => {
  for (const [person, may] of [
    ["bob", true],
    ["kemal", true],
    ["finn", false],
  ] as const) {
    assert.equal(
      mayDecide(protocol, (name) => name === person),
      may,
    );
  }
  assert.equal(
    mayDecide({ ...protocol, deputy: null }, (name) => name === "kemal"),
    false,
  );
});

test("a word is waited for from whose business it is, then from their deputy too, until one of them has said it", () => {
  const asked = (decision: RollbackDecision, minute: number): readonly string[] =>
    ["bob", "finn", "gina"].filter((person) => mustAnswer(decision, after(minute), person, isOf));
  assert.deepEqual([asked(open(), 0), asked(open(), 5)], [["finn"], ["finn", "gina"]]);
  for (const person of ["finn", "gina"]) {
    const statements = [{ at: after(3), person, kind: "answer", option: null, text: "We wait." }] as const;
    assert.deepEqual(asked(open({ statements }), 6), [], `${person} has spoken`);
  }
  assert.deepEqual(asked(open({}, { downtime: null }), 6), []);
  assert.deepEqual(asked(open({ ended: { at: after(1), option: "go-on", by: "bob" } }), 6), []);
});
