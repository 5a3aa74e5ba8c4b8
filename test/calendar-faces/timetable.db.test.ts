import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { client, type Client } from "#contract/client.ts";
import { parseSources } from "#config/source.ts";
import { decodeOrganisation } from "#config/organisation.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { timetableOf } from "#core/calendar/timetable.ts";
import { subjectOf } from "#core/calendar/timetable-view.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { buildApp } from "#api/server.ts";
import { saveImport } from "#store/business-calendar.ts";
import { calendarOf } from "#store/calendar.ts";
import { transaction } from "#store/sql.ts";
import { createOrganisationCache } from "#store/organisation.ts";
import { base, fakeApi } from "#test/api/fakes.ts";
import { aDeployment, freshStore, insertDeployment, type TestStore } from "#test/support/store.ts";
import { calendarFaces } from "#usecases/calendar/timetable-faces.ts";

const { documents } = parseSources([
  {
    path: "calendar.yaml",
    text: readFileSync(new URL("maintenance/calendar.yaml", import.meta.url), "utf8"),
  },
]);
const at = (text: string) => Temporal.Instant.from(text);

let store: TestStore;
let calendar: Client;
let organisation: Organisation;

/** The API on a calendar in PostgreSQL. */
before(async () => {
  store = await freshStore();
  await store.transact((records) => records.configuration.replace(documents, at("2026-01-01T00:00:00Z"), "lena"));
  const decoded = decodeOrganisation(documents);
  assert.ok(decoded.ok);
  organisation = decoded.value;
  const api = fakeApi();
  const faces = calendarFaces(calendarOf(store.pool, { organisations: createOrganisationCache() }));
  const app = buildApp({ ...api.deps, calendar: faces });
  const fetch: typeof globalThis.fetch = async (input, init) => app.request(new Request(input, init));
  calendar = client({ baseUrl: base, token: api.tokens.viewer, fetch });
});

after(async () => {
  await store[Symbol.asyncDispose]();
});

async function openSpans(environment: string, service: string, since: string, until: string) {
  const outcome = await calendar.readTimetable({ query: { environment, service, since, until } });
  assert.ok(outcome.ok);
  return outcome.body;
}

test("the timetable of the API is that of the rules that judge, for every service and environment over a year", async () => {
  const [since, until] = ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"];
  let compared = 0;
  for (const environment of organisation.environments.values()) {
    for (const service of organisation.services.values()) {
      const answer = await openSpans(environment.name, service.name, since, until);
      const { open } = timetableOf({
        windows: organisation.windows,
        freezes: organisation.freezes,
        subject: subjectOf({ environment, service, unit: null }),
        environment,
        between: { from: at(since), to: at(until) },
      });
      assert.deepEqual(
        answer.open,
        spansIn(open).map(({ from, to }) => ({ from: from.toString(), to: to.toString() })),
      );
      compared += answer.open.length;
    }
  }
  assert.ok(compared > 200, `${compared} spans`);
});

/** Whether the clock of a zone shows the ledger's Sunday 01:00 to 05:00, told without any of our code. */
function isSundayNight(ms: number, format: Intl.DateTimeFormat): boolean {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const hour = Number(parts.get("hour"));
  return parts.get("weekday") === "Sun" && hour >= 1 && hour < 5;
}

test("every minute of the week in which the clocks go back is answered as a person would by looking at them", async () => {
  const [from, to] = [at("2026-10-19T00:00:00Z"), at("2026-10-27T00:00:00Z")];
  const { open } = await openSpans("prod-emea", "ledger", from.toString(), to.toString());
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/Berlin",
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
  });
  const spans = open.map((span) => [at(span.from).epochMilliseconds, at(span.to).epochMilliseconds] as const);
  let minutes = 0;
  for (let ms = from.epochMilliseconds; ms < to.epochMilliseconds; ms += 60_000) {
    const isOpen = spans.some(([start, end]) => start <= ms && ms < end);
    assert.equal(isOpen, isSundayNight(ms, format), Temporal.Instant.fromEpochMilliseconds(ms).toString());
    minutes += 1;
  }
  assert.equal(minutes, 8 * 24 * 60);
});

test("a border names the rules behind it, on the clock of the environment", async () => {
  const { borders, clockChanges } = await openSpans(
    "prod-emea",
    "cart",
    "2026-03-25T08:00:00Z",
    "2026-04-06T00:00:00Z",
  );
  assert.deepEqual(borders[0], {
    at: "2026-03-28T00:00:00Z",
    local: "2026-03-28T01:00:00+01:00[Europe/Berlin]",
    turns: "open",
    causes: [{ kind: "window", name: "saturday-night", edge: "begins" }],
  });
  assert.equal(borders[2]?.at, "2026-04-03T23:00:00Z");
  assert.deepEqual(
    clockChanges.map(({ at: change }) => change),
    ["2026-03-29T01:00:00Z"],
  );
});

test("the overview has a lane for each environment with deployments that are planned, ran or run", async () => {
  const noon = at("2026-03-25T12:00:00Z");
  const change = {
    requestedAt: noon,
    startedAt: noon,
    endedAt: noon.add({ minutes: 30 }),
    state: "succeeded",
  } as const;
  const ran = await insertDeployment(store, aDeployment(change, { service: "cart", environment: "prod-emea" }));
  const cancelled = { requestedAt: noon, state: "cancelled", endedAt: noon } as const;
  await insertDeployment(store, aDeployment(cancelled, { service: "ledger", environment: "prod-emea" }));
  const outcome = await calendar.readOverview({
    query: { since: "2026-03-23T00:00:00Z", until: "2026-03-30T00:00:00Z" },
  });
  assert.ok(outcome.ok);
  assert.deepEqual(
    outcome.body.lanes.map(({ name, bookings }) => [name, bookings.map(({ id, from, to }) => [id, from, to])]),
    [
      ["prod-amer", []],
      ["prod-emea", [[ran, "2026-03-25T12:00:00Z", "2026-03-25T12:30:00Z"]]],
    ],
  );
  const byUnit = await calendar.readOverview({
    query: { lanes: "unit", environment: "prod-emea", since: "2026-03-23T00:00:00Z", until: "2026-03-30T00:00:00Z" },
  });
  assert.ok(byUnit.ok);
  assert.deepEqual(
    byUnit.body.lanes.map(({ name, bookings }) => [name, bookings.length]),
    [
      ["finance", 0],
      ["retail", 1],
    ],
  );
});

const draft = (rrule: string) => `kind: Window
metadata: { name: saturday-night }
spec:
  scope: { services: [cart] }
  zone: target
  start: 2026-01-03T01:00
  rrule: ${rrule}
  end: "06:00"`;

test("a draft says what it would change, and the configuration stays as it is", async () => {
  const span = { since: "2026-03-25T00:00:00Z", until: "2026-03-30T00:00:00Z" };
  const outcome = await calendar.previewCalendar({ body: { text: draft("FREQ=WEEKLY;BYDAY=SA"), ...span } });
  assert.ok(outcome.ok);
  const { drafts, effects, problems } = outcome.body;
  assert.deepEqual(problems, []);
  assert.deepEqual(
    drafts.map(({ name, change, next }) => [name, change, next.map(({ zone, spans }) => [zone, spans.length])]),
    [
      [
        "saturday-night",
        "changed",
        [
          ["America/New_York", 5],
          ["Europe/Berlin", 5],
        ],
      ],
    ],
  );
  assert.deepEqual(
    effects.map(({ environment, named, opens, closedMinutes }) => [environment, named, opens, closedMinutes]),
    [
      ["prod-amer", ["cart"], [{ from: "2026-03-28T09:00:00Z", to: "2026-03-28T10:00:00Z" }], 0],
      ["prod-emea", ["cart"], [{ from: "2026-03-28T04:00:00Z", to: "2026-03-28T05:00:00Z" }], 0],
    ],
  );
  const still = await openSpans("prod-emea", "cart", span.since, span.until);
  assert.deepEqual(still.open, [{ from: "2026-03-28T00:00:00Z", to: "2026-03-28T04:00:00Z" }]);
});

test("a draft that cannot be read has the place of every problem, and one of another kind is refused", async () => {
  const wrong = await calendar.previewCalendar({ body: { text: draft("FREQ=WEEKLY;BYDAY=XX") } });
  assert.ok(wrong.ok);
  assert.deepEqual(
    wrong.body.problems.map(({ line, column, code }) => [line, column, code]),
    [[7, 28, "bad-recurrence"]],
  );
  assert.deepEqual(wrong.body.drafts, []);
  const unit = await calendar.previewCalendar({ body: { text: "kind: Unit\nmetadata: { name: x }\nspec: {}" } });
  assert.ok(unit.ok);
  assert.deepEqual(
    unit.body.problems.map(({ code, line }) => [code, line]),
    [["kind-not-supported", 1]],
  );
});

test("what cannot be asked is refused with what to do", async () => {
  const ask = async (query: { environment: string; service?: string; since?: string; until?: string }) => {
    const outcome = await calendar.readTimetable({ query });
    return outcome.ok ? "answered" : outcome.problem.code;
  };
  const since = "2026-01-01T00:00:00Z";
  assert.equal(await ask({ environment: "nowhere" }), "no-such-environment");
  assert.equal(await ask({ environment: "prod-emea", service: "nothing" }), "no-such-service");
  assert.equal(await ask({ environment: "prod-emea", since, until: since }), "bad-span");
  assert.equal(await ask({ environment: "prod-emea", since, until: "2027-02-05T00:00:00Z" }), "answered");
  assert.equal(await ask({ environment: "prod-emea", since, until: "2027-02-05T00:00:01Z" }), "bad-span");
});

test("lint reads the configuration in force and says how much it looked at", async () => {
  const outcome = await calendar.lintCalendar({ query: { usualRun: 240 } });
  assert.ok(outcome.ok);
  const { hints, checked, revision } = outcome.body;
  assert.equal(revision, 1);
  const counts = { windows: 2, freezes: 1, places: 4, placesLeftOut: 0 };
  assert.deepEqual(checked, { ...counts, placesMeasured: 0, windowsWithUnknownApprovers: 0 });
  assert.deepEqual(
    hints.map(({ code, name }) => [code, name]),
    [["too-short", "sunday-night"]],
  );
});

test("an imported event that blacks out closes the calendar as it closes the verdict", async () => {
  const [since, until] = ["2026-05-08T00:00:00Z", "2026-05-10T00:00:00Z"];
  const earlier = await openSpans("prod-emea", "cart", since, until);
  assert.deepEqual(earlier.open, [{ from: "2026-05-08T23:00:00Z", to: "2026-05-09T03:00:00Z" }]);
  const importedAt = at("2026-04-01T00:00:00Z");
  const source = {
    calendar: "campaigns",
    text: "",
    digest: "",
    zone: "Europe/Berlin",
    etag: null,
    importedAt,
    importedBy: "lena",
    expandedTo: at("2027-01-01T00:00:00Z"),
  };
  const campaign = {
    uid: "may",
    occurrence: "",
    summary: "May sale",
    categories: ["campaign"],
    services: [],
    from: at("2026-05-09T01:00:00Z"),
    to: at("2026-05-09T12:00:00Z"),
  };
  await transaction(store.pool, (connection) => saveImport(connection, source, [campaign]));
  const during = await openSpans("prod-emea", "cart", since, until);
  assert.deepEqual(during.open, [{ from: "2026-05-08T23:00:00Z", to: "2026-05-09T01:00:00Z" }]);
  const facts = await store.transact((records) =>
    records.facts.load(
      { ...aDeployment({}, { service: "cart", environment: "prod-emea" }).subject },
      at(since),
      at(until),
    ),
  );
  assert.equal(facts.freezes.length, during.freezes.length + 1, "the quarter's freeze is not of this service");
  assert.ok(during.freezes.every(({ name }) => facts.freezes.some((freeze) => freeze.name === name)));
});
