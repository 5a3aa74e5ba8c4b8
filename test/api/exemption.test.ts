import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { fakeApi, type CallOptions, type FakeApi } from "#test/api/fakes.ts";

const post = (api: FakeApi, path: string, body: unknown, as: CallOptions["as"]) =>
  api.call(path, { method: "post", body, as: as ?? null, headers: { "idempotency-key": "0123456789abcdef" } });

const refusal = z.object({ code: z.string().optional(), detail: z.string().optional() });
type Answered = z.output<typeof refusal>;

const bodyOf = async (response: Response): Promise<Answered> => {
  return refusal.parse(await response.json());
};

const wanted = { type: "no-load-test", justification: "No load generator.", until: "2026-04-30T00:00:00Z" };

for (const [title, path, body, as, code, detail] of [
  [
    "an unknown type",
    "/v1/exemptions",
    { ...wanted, type: "none" },
    "developer",
    "no-such-exemption-type",
    /there are no-load-test/,
  ],
  [
    "an exemption that is not there",
    "/v1/exemptions/EX-99/approve",
    {},
    "compliance",
    "no-such-exemption",
    /exemption list/,
  ],
  [
    "an emergency for nothing",
    "/v1/emergencies",
    emergency("nothing"),
    "developer",
    "no-such-service",
    /no service is called nothing/,
  ],
  [
    "an emergency that is not there",
    "/v1/emergencies/EM-99/approve",
    {},
    "approver",
    "no-such-emergency",
    /emergency list/,
  ],
  ["a debt that is not there", "/v1/debts/DB-99/pay", { evidence: "minutes" }, "operator", "no-such-debt", /debt list/],
] as const) {
  test(`${title} is refused with ${code}, and what to do`, async () => {
    const answered = await bodyOf(await post(fakeApi(), path, body, as));
    assert.equal(answered.code, code);
    assert.match(answered.detail ?? "", detail);
  });
}

test("what may not be overridden says what may be, and what stops", async () => {
  const api = fakeApi();
  const path = `/v1/deployments/${api.seed()}/overrides`;
  const answered = await bodyOf(await post(api, path, { rule: "global-stop", reason: "It is urgent." }, "compliance"));
  assert.equal(answered.code, "not-overridable");
  assert.match(answered.detail ?? "", /Nothing of global-stop may be overridden\. .*Everything is stopped\./);
});

for (const [title, path, body, as] of [
  ["an administrator overrides nothing", "overrides", { rule: "inside-window", reason: "I run it." }, "administrator"],
  ["a developer overrides nothing", "overrides", { rule: "inside-window", reason: "It is mine." }, "developer"],
] as const) {
  test(`${title} by that role`, async () => {
    const api = fakeApi();
    const answered = await bodyOf(await post(api, `/v1/deployments/${api.seed()}/${path}`, body, as));
    assert.equal(answered.code, "forbidden");
    assert.deepEqual(api.done, []);
  });
}

for (const [title, path, body] of [
  ["an override without a reason", "overrides", { rule: "inside-window", reason: "" }],
  ["an override for days", "overrides", { rule: "inside-window", reason: "A.", lasts: "P3D" }],
] as const) {
  test(`${title} is no request`, async () => {
    const api = fakeApi();
    const response = await post(api, `/v1/deployments/${api.seed()}/${path}`, body, "compliance");
    assert.equal(response.status, 400);
  });
}

function emergency(service: string) {
  return { ticket: "INC-1", cause: "It is down.", service, version: "1.0.0", environments: ["prod-emea"] };
}
