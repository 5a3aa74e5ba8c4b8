import assert from "node:assert/strict";
import { test } from "node:test";
import { hoursOfWeek } from "#core/calendar/advice/load-profile.ts";
import { callBy, openCalendarPlane, sampleWorld, type CalendarPlane } from "#test/support/calendar-plane.ts";
import { at } from "#test/support/store.ts";

/** Monday 11:00 in Berlin. */
const start = at("2026-03-23T10:00:00Z");
const tue3 = at("2026-03-24T02:00:00Z");
const tue11 = at("2026-03-24T10:00:00Z");
const wed3 = at("2026-03-25T02:00:00Z");

/** Busy by day, less at night, least on Tuesday from 03:00 to 05:00; Wednesday at that time is next best. */
const hours = Array.from({ length: hoursOfWeek }, (_, place) => {
  if (place === 27 || place === 28) return 5;
  if (place === 51 || place === 52) return 20;
  return place % 24 >= 22 || place % 24 < 6 ? 40 : 100;
});
const profiles = `
kind: State
spec:
  loadProfiles:
    - { service: checkout-api, environment: prod-emea, hours: [${hours.join(", ")}] }
    - service: ledger-core
      environment: prod-emea
      hours: [${hours.map(() => 1).join(", ")}]
      batches: [{ name: close-of-day, from: "22:00", to: "02:00" }]
`;

async function openPlane(): Promise<CalendarPlane> {
  const plane = await openCalendarPlane(sampleWorld, start);
  assert.deepEqual(await plane.operations.recordLoadProfiles({ text: profiles }, callBy("cem")), {
    ok: true,
    value: { recorded: 2 },
  });
  return plane;
}

const risky = { risk: "high", hasRollbackPlan: true } as const;
const question = { service: "checkout-api", version: "5.0.0", environment: "prod-emea", since: null, until: null };

test("the trough is advised first, with what speaks for it", async () => {
  await using plane = await openPlane();
  const advice = await plane.operations.adviseSlots({ ...question, risk: "high" }, callBy("ann"));
  assert.ok(advice.ok);
  const [first] = advice.value.slots;
  assert.equal(first?.from.toString(), tue3.toString());
  assert.deepEqual(
    first?.reasons.map(({ code }) => code),
    ["load", "neighbours-free", "way-back-unknown"],
  );
  assert.match(first?.reasons[0]?.sentence ?? "", /5 % of the week's peak: quiet hours/);
  assert.match(first?.reasons[1]?.sentence ?? "", /No batch of ledger-core runs/);
  assert.match(advice.value.obstacles.map(({ sentence }) => sentence).join(" "), /High risk at peak/);
});

test("a booking at peak is refused, and a counter-proposal is scored, accepted and kept with both positions", async () => {
  await using plane = await openPlane();
  const { operations, store, clock } = plane;
  const id = await plane.request("checkout-api", "5.0.0", risky);
  const refused = await operations.proposeSlot({ id, from: tue11, reason: "We are all in." }, callBy("ann"));
  assert.ok(!refused.ok && refused.error.code === "slot-not-open");
  assert.match(refused.error.obstacles.map(({ sentence }) => sentence).join(" "), /^High risk at peak/);

  assert.ok((await operations.proposeSlot({ id, from: tue3, reason: "The trough." }, callBy("ann"))).ok);
  const offered = await operations.proposeSlot(
    { id, from: wed3, reason: "On Tuesday the database moves." },
    callBy("cem"),
  );
  assert.ok(offered.ok);
  const [own, other] = offered.value.positions;
  assert.ok(own !== undefined && other !== undefined && own.delta !== null && other.delta !== null);
  assert.ok(other.score < own.score);
  assert.equal(own.delta - other.delta, own.score - other.score);

  const selfish = await operations.acceptSlot({ id, proposal: other.id, reason: null }, callBy("cem"));
  assert.deepEqual(selfish, { ok: false, error: { code: "own-proposal" } });
  const agreed = await operations.acceptSlot({ id, proposal: other.id, reason: "Then Wednesday." }, callBy("ann"));
  assert.ok(agreed.ok);
  assert.equal(agreed.value.planned.from.toString(), wed3.toString());
  assert.equal(agreed.value.agreed?.acceptedBy, "ann");
  assert.deepEqual(
    agreed.value.positions.map(({ kind, person, reason }) => `${person} ${kind}: ${reason ?? ""}`),
    ["ann proposed: The trough.", "cem proposed: On Tuesday the database moves.", "ann accepted: Then Wednesday."],
  );

  // The quiet hours of Tuesday pass, and the run is not started before the slot that was agreed on.
  clock.now = tue3;
  await plane.sweep();
  const waiting = await store.views.deployment(id);
  assert.equal(waiting?.record.state, "waiting");
  assert.equal(waiting?.verdict?.nextOpening?.toString(), wed3.toString());
  const kept = await operations.readSlots({ id }, callBy("cem"));
  assert.ok(kept.ok);
  assert.deepEqual([kept.value.planned.from, kept.value.planned.to].map(String), [
    wed3.toString(),
    wed3.add({ hours: 1 }).toString(),
  ]);
  clock.now = wed3;
  await plane.sweep();
  assert.equal((await store.views.deployment(id))?.record.state, "queued");
  const late = await operations.proposeSlot({ id, from: tue3, reason: "Too late." }, callBy("cem"));
  assert.deepEqual(late, { ok: false, error: { code: "already-started" } });
  const audit = await store.views.audit({ object: id, action: null, limit: 20, cursor: null });
  assert.equal(audit.items.filter(({ action }) => action.startsWith("slot.")).length, 3);
});

test("a withdrawn agreement holds nothing back, and only its parties withdraw it", async () => {
  await using plane = await openPlane();
  const { operations } = plane;
  const id = await plane.request("checkout-api", "5.0.0", risky);
  const offered = await operations.proposeSlot({ id, from: wed3, reason: "Wednesday." }, callBy("cem"));
  assert.ok(offered.ok);
  const proposal = offered.value.positions[0]?.id ?? "";
  assert.ok((await operations.acceptSlot({ id, proposal, reason: null }, callBy("ann"))).ok);
  const stranger = await operations.withdrawSlot({ id, proposal, reason: "No." }, callBy("bob"));
  assert.deepEqual(stranger, { ok: false, error: { code: "not-your-slot" } });
  const withdrawn = await operations.withdrawSlot({ id, proposal, reason: "We are fewer." }, callBy("cem"));
  assert.ok(withdrawn.ok);
  assert.equal(withdrawn.value.agreed, null);
  const again = await operations.acceptSlot({ id, proposal, reason: null }, callBy("ann"));
  assert.deepEqual(again, { ok: false, error: { code: "slot-withdrawn" } });
  await plane.sweep();
  const view = await plane.store.views.deployment(id);
  assert.equal(view?.verdict?.nextOpening?.toString(), "2026-03-23T21:00:00Z");
});

test("profiles are versioned, equal ones change nothing, and wrong ones are refused whole", async () => {
  await using plane = await openPlane();
  const { operations, clock, store } = plane;
  clock.now = start.add({ hours: 1 });
  assert.deepEqual(await operations.recordLoadProfiles({ text: profiles }, callBy("cem")), {
    ok: true,
    value: { recorded: 0 },
  });
  const flat = `kind: State\nspec: { loadProfiles: [{ service: checkout-api, environment: prod-emea, hours: [${hours.map(() => 7).join(", ")}] }] }`;
  assert.deepEqual(await operations.recordLoadProfiles({ text: flat }, callBy("cem")), {
    ok: true,
    value: { recorded: 1 },
  });
  const subject = { ...question, action: "deploy", class: "normal", invoker: "person" } as const;
  const about = { ...subject, requestedBy: null, contentDigest: null, onBehalfOf: null };
  const loads = (moment: Temporal.Instant) =>
    store.transact(async (records) => {
      const { profiles: found } = await records.facts.load(about, moment, moment.add({ hours: 24 }));
      return found.find(({ service }) => service === "checkout-api")?.hours[0];
    });
  assert.deepEqual([await loads(start), await loads(clock.now)], [40, 7]);
  const unknown = await operations.recordLoadProfiles({ text: flat.replace("checkout-api", "cart") }, callBy("cem"));
  assert.deepEqual(unknown, { ok: false, error: { code: "no-such-service", name: "cart" } });
  const short = await operations.recordLoadProfiles({ text: flat.replace("[7, ", "[") }, callBy("cem"));
  assert.ok(!short.ok && short.error.code === "invalid-configuration");
  assert.match(short.error.problems[0]?.message ?? "", /hours/);
});
