import assert from "node:assert/strict";
import { test } from "node:test";
import { whyNotOpen, type ConsentQuestion } from "#core/approval/open-consent.ts";
import { aPerson, aRoute } from "#core/testing.ts";

const noon = Temporal.Instant.from("2026-11-21T12:00:00Z");
const digest = `sha256:${"1".repeat(64)}`;
const people = new Map(
  [
    aPerson("chen", { roles: ["developer"] }),
    aPerson("emil"),
    aPerson("hana"),
    aPerson("kemal", { roles: ["approver", "auditor"] }),
    aPerson("rosa"),
    aPerson("wanda", { roles: ["developer", "approver"] }),
  ].map((person) => [person.name, person] as const),
);
const question: ConsentQuestion = {
  route: aRoute({ name: "prod", approvals: 1, roles: ["approver"], teams: [] }),
  content: {
    service: "cart",
    version: "1.1.0",
    environment: "prod",
    digest,
    requestedBy: "chen",
    author: "wanda",
    registrant: "rosa",
  },
  people,
};
const approved = (person: string) => ({
  service: "cart",
  version: "1.1.0",
  environment: "prod",
  person,
  decision: "approved" as const,
  at: noon,
  contentDigest: digest,
  reason: null,
});

for (const [title, person, approvals, change, code] of [
  ["waits for whom the route names", "emil", [], {}, null],
  ["does not wait for its requester", "chen", [], {}, "own-request"],
  ["does not wait for its author", "wanda", [], {}, "own-work"],
  ["does not wait for whoever registered it", "rosa", [], {}, "own-work"],
  ["does not wait for an auditor, whatever else they are", "kemal", [], {}, "not-entitled"],
  ["does not wait for whom the directory does not know", "nobody", [], {}, "not-entitled"],
  ["waits for nobody once it has enough", "emil", [approved("hana")], {}, "enough"],
  ["does not wait for who has decided", "hana", [approved("hana")], {}, "decided"],
  ["waits for nobody without a route", "emil", [], { route: null }, "no-route"],
  ["waits for nobody when the route is automatic", "emil", [], { route: aRoute({ approvals: 0 }) }, "enough"],
  ["waits on while approvals are missing", "emil", [approved("hana")], { route: aRoute({ approvals: 2 }) }, null],
] as const) {
  test(`a content ${title}`, () => {
    const found = whyNotOpen({ ...question, ...change }, approvals, person, noon);
    assert.equal(found?.code ?? null, code);
    if (found !== null) assert.match(found.sentence, /^[A-Z].*\.$/);
  });
}
