import { ownSources } from "#core/rollback/rehearsal.ts";
import { dependantsOf } from "#core/catalog/graph.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import {
  addressOf,
  maxKeysPerSubject,
  type Report,
  type ReportedSignal,
  reportTolerance,
} from "#core/release/report.ts";
import { silenceOf } from "#core/release/silence.ts";
import { foreignSource, type ForeignSource } from "#core/release/source.ts";
import { err, ok, unreachable } from "#core/result.ts";
import type { Call } from "#usecases/operations.ts";
import { systemActor, type Records, type Transact } from "#usecases/records.ts";
import type { TellRun } from "#usecases/rollout/decide-held.ts";
import { lookAgain } from "#usecases/rollout/look-again.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import type { Concerned, Receipt, ReceivedReport, ReportRefusal } from "#usecases/release/intake-types.ts";

export interface SubmitReportDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly newReportId: () => string;
  readonly tellRun: TellRun;
}

/**
 * Takes a report into the record, where it stays. The newest of its key counts from now on, and the waiting work that it
 * concerns is judged again at once. The same report twice is one report.
 */
export function makeSubmitReport(deps: SubmitReportDeps): IntakeOperations["submitReport"] {
  return (given, call) =>
    deps.transact(async (records) => {
      const now = deps.now();
      const timely = untilNow(given, now);
      if (timely === null) return err({ code: "in-the-future", now });
      const organisation = await records.catalog.inForce();
      const { account } = call.actor;
      const foreign = await refusedSource(records, timely, { organisation, account, now });
      if (foreign !== null) return err(foreign);
      const report = saidBy(timely, account);
      const stranger = unknownIn(report, organisation);
      if (stranger !== null) return err(stranger);
      await records.reports.lock(report);
      const known = await records.reports.same(report);
      const before = await records.reports.newest(report.kind, addressOf(report));
      if (known !== null) return ok({ id: known.id, recorded: false, counts: before?.id === known.id });
      if (before === null && isBounded(report)) {
        const others = await records.reports.countKeys(report, maxKeysPerSubject);
        if (others >= maxKeysPerSubject) return err({ code: "too-many-reports", subject: addressOf(report).subject });
      }
      return ok(await take(deps, records, { report, before, organisation, now }, call));
    });
}

interface Taken {
  readonly report: Report;
  readonly before: ReceivedReport | null;
  readonly organisation: Organisation;
  readonly now: Temporal.Instant;
}

async function take(
  { newReportId, tellRun }: SubmitReportDeps,
  records: Records,
  { report, before: last, organisation, now }: Taken,
  call: Call,
): Promise<Receipt> {
  const id = newReportId();
  const before = await afterSilence(newReportId, records, { report, before: last, now });
  const counts = before === null || Temporal.Instant.compare(before.report.record.at, report.record.at) <= 0;
  await records.reports.insert({ id, report, receivedAt: now, by: call.actor.person, account: call.actor.account });
  // A monitor that says the same every minute has changed nothing.
  if (isRepeated(report, before)) return { id, recorded: true, counts };
  if (counts) {
    const concerned = concernedBy(report, organisation);
    await records.reports.wake(concerned, now);
    if (isRelief(report)) await lookAgain(tellRun, records, id, ({ subject }) => isOf(subject.service, concerned));
  }
  await records.audit.append({
    at: now,
    actor: call.actor,
    action: "report.submit",
    object: objectOf(report),
    outcome: counts ? "counts" : "superseded",
    reason: null,
    verdict: null,
    requestId: call.requestId,
    before: counts && before !== null ? before.report.record : null,
    after: report.record,
  });
  return { id, recorded: true, counts };
}

/** A source that was silent for a while says something new by saying anything: the gap is put on record before it. */
async function afterSilence(
  newReportId: () => string,
  records: Records,
  { report, before, now }: Omit<Taken, "organisation">,
): Promise<ReceivedReport | null> {
  if (before?.report.kind !== "signal") return before;
  const silence = silenceOf(before.report.record);
  if (silence === null || Temporal.Instant.compare(report.record.at, silence.at) < 0) return before;
  return await recordSilence(newReportId, records, silence, now);
}

/** What Tidegate itself puts on record about a source that has not kept its promise. */
export async function recordSilence(
  newReportId: () => string,
  records: Records,
  silence: ReportedSignal,
  now: Temporal.Instant,
): Promise<ReceivedReport> {
  const { person: by, account } = systemActor;
  const received = {
    id: newReportId(),
    report: { kind: "signal", record: silence },
    receivedAt: now,
    by,
    account,
  } as const;
  await records.reports.insert(received);
  return received;
}

/** The report with an instant that is not after `now`; null when it lies further ahead than clocks differ. */
function untilNow(report: Report, now: Temporal.Instant): Report | null {
  const { at } = report.record;
  if (Temporal.Instant.compare(at, now) <= 0) return report;
  if (Temporal.Instant.compare(at, now.add(reportTolerance)) > 0) return null;
  return withInstant(report, now);
}

function withInstant(report: Report, at: Temporal.Instant): Report {
  switch (report.kind) {
    case "evidence":
      return { kind: report.kind, record: { ...report.record, at } };
    case "verification":
      return { kind: report.kind, record: { ...report.record, at } };
    case "ticket":
      return { kind: report.kind, record: { ...report.record, at } };
    case "error-budget":
      return { kind: report.kind, record: { ...report.record, at } };
    case "risk-score":
      return { kind: report.kind, record: { ...report.record, at } };
    case "signal":
      return { kind: report.kind, record: { ...report.record, at } };
    case "recovery":
      return { kind: report.kind, record: { ...report.record, at } };
  }
  return unreachable(report);
}

interface Speaking {
  readonly organisation: Organisation;
  readonly account: string;
  readonly now: Temporal.Instant;
}

/** Nobody speaks for another: who comes first has the name from then on, and of two at once one does. */
async function refusedSource(
  records: Records,
  report: Report,
  { organisation, account, now }: Speaking,
): Promise<ForeignSource | null> {
  const { source } = report.record;
  const speaker = { account, accounts: accountsOf(organisation) };
  // What Tidegate has measured itself nobody else says: a rehearsal would be made up.
  const known = source.startsWith(ownSources) ? systemActor.account : await records.reports.speakerOf(source);
  const foreign = foreignSource(report, organisation.sources, speaker, known);
  if (foreign !== null || known !== null) return foreign;
  return foreignSource(report, organisation.sources, speaker, await records.reports.claim(source, account, now));
}

function accountsOf({ people }: Organisation): ReadonlySet<string> {
  return new Set([...people.values()].flatMap(({ accounts }) => accounts.map(({ name }) => name)));
}

/** With the account that brought it, so that a finding can say so; a signal is what all of its reports come to. */
function saidBy(report: Report, by: string): Report {
  switch (report.kind) {
    case "evidence":
      return { kind: report.kind, record: { ...report.record, by } };
    case "verification":
      return { kind: report.kind, record: { ...report.record, by } };
    case "ticket":
      return { kind: report.kind, record: { ...report.record, by } };
    case "error-budget":
      return { kind: report.kind, record: { ...report.record, by } };
    case "risk-score":
      return { kind: report.kind, record: { ...report.record, by } };
    case "recovery":
      return { kind: report.kind, record: { ...report.record, by } };
    case "signal":
      return report;
  }
  return unreachable(report);
}

/** A slip in a name would lie unread for ever, so it is refused. Signals may be about vendors too. */
function unknownIn(report: Report, { services, vendors, environments }: Organisation): ReportRefusal | null {
  const named = addressOf(report);
  const isKnown = (name: string): boolean => services.has(name) || (report.kind === "signal" && vendors.has(name));
  const service = named.services.find((name) => !isKnown(name));
  if (service !== undefined) return { code: "no-such-service", name: service };
  const environment = named.environments.find((name) => !environments.has(name));
  return environment === undefined ? null : { code: "no-such-environment", name: environment };
}

/** Tickets have a subject each; of them the newest are looked at, however many there are. */
function isBounded(report: Report): boolean {
  return report.kind !== "ticket";
}

function isRepeated(report: Report, before: ReceivedReport | null): boolean {
  if (report.kind !== "signal" || before?.report.kind !== "signal") return false;
  return before.report.record.status === report.record.status;
}

/** What can let a run go on that stands still; evidence that pours in while it runs is looked at at its next stage. */
function isRelief({ kind, record }: Report): boolean {
  return kind === "signal" && record.status === "ok";
}

function isOf(service: string, { services }: Concerned): boolean {
  return services === null || services.includes(service);
}

export function concernedBy(report: Report, { services }: Organisation): Concerned {
  const { digest, services: named, environments } = addressOf(report);
  if (digest !== null) return { services: null, environments: [], digest };
  if (report.kind !== "signal") return { services: named, environments, digest: null };
  return { services: [...reaching(services, report.record.service)], environments, digest: null };
}

/** The service and everything that needs it, directly or through others. */
function reaching(services: Organisation["services"], name: string): ReadonlySet<string> {
  const found = new Set([name]);
  // A set that grows while it is walked: each service is looked at once.
  for (const each of found) for (const dependant of dependantsOf(services, each)) found.add(dependant.name);
  return found;
}

export function objectOf(report: Report): string {
  const { kind, record } = report;
  switch (kind) {
    case "evidence":
      return `${kind}/${record.kind}@${record.digest}`;
    case "verification":
      return `${kind}/${record.digest}`;
    case "ticket":
      return `${kind}/${record.key}`;
    case "risk-score":
      return `${kind}/${record.service}@${record.version}@${record.environment}`;
    case "recovery":
      return `${record.act}/${record.service}@${record.environment}`;
    case "error-budget":
    case "signal":
      return `${kind}/${record.service}${record.environment === null ? "" : `@${record.environment}`}`;
  }
  return unreachable(kind);
}
