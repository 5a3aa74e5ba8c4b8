import { checkApart } from "#main/check-configuration.ts";
import { readCalendar } from "#connectors/ical/read-calendar.ts";
import type { DeploymentId } from "#core/id.ts";
import { digestOf, judge, admitDeps } from "#main/bind-operations.ts";
import { newId } from "#runtime/ids.ts";
import { manualClock, type ManualClock } from "#runtime/clock.ts";
import { makeImportCalendar, type ImportCalendar, type ImportDeps } from "#usecases/calendar/import-calendar.ts";
import { makeDecideReflow, type DecideReflow } from "#usecases/calendar/reflow-decide.ts";
import type { Call } from "#usecases/operations.ts";
import { makeApplyConfiguration } from "#usecases/catalog/apply-configuration.ts";
import { makeRequestDeployment } from "#usecases/release/request-deployment.ts";
import { makeResumeWaiting } from "#usecases/release/resume-waiting.ts";
import { aDigest, freshStore, type TestStore } from "#test/support/store.ts";

/** A shop with three services for customers and one that none sees; changes go on working days from nine to six. */
export const shop = `
kind: Environment
metadata: { name: prod }
spec: { zone: Europe/Berlin, windows: required }
---
kind: Window
metadata: { name: working-days }
spec:
  scope: { environments: [prod] }
  zone: target
  start: 2026-01-01T09:00
  rrule: FREQ=WEEKLY;BYDAY=FR,MO
  end: "18:00"
---
${["checkout", "catalog", "search"].map((name) => serviceText(name, "[customer-facing]")).join("\n---\n")}
---
${serviceText("ledger", "[]")}
---
kind: Calendar
metadata: { name: campaigns }
spec:
  scope: { tags: [customer-facing] }
  zone: Europe/Berlin
  source: { file: marketing plan }
  untilRead: open
  effects:
    - { match: { categories: [campaign] }, effect: blackout }
    - { match: { categories: [advisory] }, effect: pull-forward }
    - { match: { categories: [audit] }, effect: caution }
  owner: release-manager
`;

function serviceText(name: string, tags: string): string {
  return `kind: Service\nmetadata: { name: ${name} }\nspec: { unit: retail, team: shop, tier: 2, tags: ${tags} }`;
}

export function calendarText(...events: readonly string[]): string {
  const body = events.map((event) => `BEGIN:VEVENT\n${event.trim()}\nEND:VEVENT\n`).join("");
  return `BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test\n${body}END:VCALENDAR\n`.replaceAll("\n", "\r\n");
}

export const blackFriday = `UID:black-friday
DTSTART;TZID=Europe/Berlin:20261127T080000
DTEND;TZID=Europe/Berlin:20261128T000000
SUMMARY:Black Friday
CATEGORIES:CAMPAIGN`;

/** Who does everything in these tests. */
export const call: Call = {
  actor: { person: "rita", account: "rita@example", method: "session" },
  requestId: "test-request",
};

export interface Plane extends AsyncDisposable {
  readonly store: TestStore;
  readonly clock: ManualClock;
  readonly deps: ImportDeps;
  readonly importText: (text: string) => ReturnType<ImportCalendar>;
  readonly decide: DecideReflow;
  readonly apply: (text: string) => Promise<void>;
  readonly request: (service: string) => Promise<DeploymentId>;
  readonly sweep: () => Promise<number>;
  readonly plannedFrom: (id: DeploymentId) => Promise<string | null>;
}

export async function openPlane(startAt: string): Promise<Plane> {
  const store = await freshStore();
  const clock = manualClock(Temporal.Instant.from(startAt));
  const { transact } = store;
  const admitting = admitDeps(clock.now, async () => "run");
  const deps: ImportDeps = {
    now: clock.now,
    transact,
    judge,
    read: readCalendar,
    digestOf,
    newReflowId: () => newId("reflow"),
  };
  const importCalendar = makeImportCalendar(deps);
  const requestDeployment = makeRequestDeployment({ ...admitting, transact });
  const applyConfiguration = makeApplyConfiguration({
    now: clock.now,
    transact,
    tellRun: async () => undefined,
    check: checkApart(),
    judge,
  });
  const resume = makeResumeWaiting({
    now: clock.now,
    judge,
    transact,
    startRun: async () => "run",
    report: (_, error) => {
      throw error;
    },
  });
  return {
    store,
    clock,
    deps,
    importText: (text) => importCalendar({ calendar: "campaigns", text, etag: null }, call),
    decide: makeDecideReflow({ now: clock.now, transact, judge, newSlotId: () => newId("slot") }),
    async apply(text) {
      const applied = await applyConfiguration({ files: [{ path: "shop.yaml", text }], mode: "apply" }, call);
      if (!applied.ok) throw new Error(JSON.stringify(applied.error));
    },
    async request(service) {
      const artifact = { service, version: "2.0.0", digest: aDigest, registeredAt: clock.now(), author: null };
      await transact((records) => records.artifacts.register(artifact));
      const input = { service, version: "2.0.0", environment: "prod", class: "normal", whenBlocked: "wait" } as const;
      const made = await requestDeployment(input, call);
      if (!made.ok) throw new Error(made.error);
      return made.value;
    },
    sweep: resume,
    plannedFrom: (id) => transact(async (records) => (await records.negotiations.planned(id))?.from.toString() ?? null),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
