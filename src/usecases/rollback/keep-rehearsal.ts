import { rehearsal, rehearsalSource } from "#core/rollback/rehearsal.ts";
import { systemActor, type Records } from "#usecases/records.ts";
import type { Rehearsal } from "#usecases/rollback/rollback-records.ts";

/** Puts the result of a rehearsal on record, once for its run, and as evidence on the digest that it tried. */
export async function keepRehearsal(records: Records, found: Rehearsal, why: string): Promise<void> {
  if (!(await records.rehearsals.insert(found))) return;
  const evidence = {
    digest: found.digest,
    kind: rehearsal,
    outcome: found.outcome,
    // What broke off has measured nothing.
    value: found.reason === null ? Math.ceil(found.seconds) : null,
    ruleSet: null,
    source: rehearsalSource(found.former),
    by: systemActor.account,
    at: found.at,
    ref: found.run,
  } as const;
  await records.reports.insert({
    id: records.rehearsals.newReportId(),
    report: { kind: "evidence", record: evidence },
    receivedAt: found.at,
    by: systemActor.person,
    account: systemActor.account,
  });
  await records.reports.wake({ services: null, environments: [], digest: found.digest }, found.at);
  await records.audit.append({
    at: found.at,
    actor: systemActor,
    action: "rollback.rehearse",
    object: found.run,
    outcome: found.outcome,
    reason: found.reason ?? why,
    verdict: null,
    requestId: null,
    before: null,
    after: { ...found, at: found.at.toString() },
  });
}
