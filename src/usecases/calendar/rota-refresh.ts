import { err, ok, type Result } from "#core/result.ts";
import { isBefore } from "#core/span.ts";
import { expandedDays } from "#core/calendar/business/import-range.ts";
import { sayFault } from "#usecases/calendar/import-refresh.ts";
import { importShiftsInto, shiftRange, type ImportShiftsDeps } from "#usecases/calendar/rota-import.ts";
import type { ShiftRefusal, SubscribedRota, SubscriptionState } from "#usecases/calendar/rota-types.ts";
import type { Call } from "#usecases/operations.ts";
import { systemActor } from "#usecases/records.ts";
import type { DigestOf } from "#usecases/release/content.ts";

export interface RefreshRotasDeps extends ImportShiftsDeps {
  readonly digestOf: DigestOf;
  /** Told about a rota that could not be refreshed; its last good state stays in force. */
  readonly report: (rota: string, failure: string) => void;
}

/** Series are expanded anew when less than this is left. */
const renewDays = expandedDays - 60;

const systemCall: Call = { actor: systemActor, requestId: "refresh" };

/** The source under which a subscription imports; no import by a person can bear this name. */
export function sourceOf(rota: string): string {
  return `rota/${rota}`;
}

/**
 * One turn over all rotas that subscribe to a calendar: those whose time has come, or whose declaration has changed, are
 * asked; what is declared no longer counts no longer. Runs on every worker; two at once do the same work twice.
 */
export function makeRefreshRotas(deps: RefreshRotasDeps): () => Promise<void> {
  return async () => {
    const { subscribed, states } = await deps.transact(async (records) => ({
      subscribed: await records.cover.subscribed(),
      states: new Map((await records.cover.subscriptions()).map((state) => [state.rota, state])),
    }));
    for (const rota of states.keys()) if (subscribed.every(({ name }) => name !== rota)) await end(deps, rota);
    for (const rota of subscribed) {
      const state = states.get(rota.name) ?? null;
      const settings = settingsOf(deps, rota);
      if (state?.settings === settings && isBefore(deps.now(), state.nextAt)) continue;
      const failure = await refreshOne(deps, rota, settings, state);
      if (failure !== null && failure !== state?.failure) deps.report(rota.name, failure);
    }
  };
}

function settingsOf({ digestOf }: RefreshRotasDeps, { team, subscription }: SubscribedRota): string {
  const { url, zone, persons } = subscription;
  return digestOf({ team, url, zone, persons });
}

async function end(deps: RefreshRotasDeps, rota: string): Promise<void> {
  await deps.transact(async (records) => {
    const at = deps.now();
    await records.cover.forgetSubscription(rota);
    if (await records.cover.endImports(sourceOf(rota), null, at)) await records.deployments.wake(null, at);
  });
}

/** Null when it went well. Whatever fails is noted beside the last good state, which stays as it is. */
async function refreshOne(
  deps: RefreshRotasDeps,
  rota: SubscribedRota,
  settings: string,
  before: SubscriptionState | null,
): Promise<string | null> {
  const known = before?.settings === settings ? before : null;
  const read = await readOne(deps, rota, known);
  const at = deps.now();
  const failure = read.ok ? null : sayShiftRefusal(read.error);
  const state: SubscriptionState = {
    rota: rota.name,
    team: rota.team,
    settings,
    digest: read.ok ? read.value.digest : (known?.digest ?? null),
    etag: read.ok ? read.value.etag : (known?.etag ?? null),
    importedAt: read.ok && read.value.isImported ? at : (before?.importedAt ?? null),
    expandedTo: read.ok && read.value.isImported ? shiftRange(at).to : (before?.expandedTo ?? null),
    attemptedAt: at,
    nextAt: at.add(rota.subscription.refresh),
    failure,
    failingSince: failure === null ? null : (before?.failingSince ?? at),
  };
  await deps.transact((records) => records.cover.saveSubscription(state));
  return failure;
}

interface ReadState {
  readonly digest: string;
  readonly etag: string | null;
  /** False: nothing has changed since. */
  readonly isImported: boolean;
}

async function readOne(
  deps: RefreshRotasDeps,
  rota: SubscribedRota,
  known: SubscriptionState | null,
): Promise<Result<ReadState, ShiftRefusal>> {
  const { url, zone, persons } = rota.subscription;
  const isCurrent = known !== null && !needsRenewal(deps, known);
  const fetched = await deps.fetch(url, isCurrent ? known.etag : null);
  if (!fetched.ok) return err({ code: "feed-failed", message: fetched.error.message });
  const { text, etag } = fetched.value;
  const digest = text === null ? (known?.digest ?? "") : deps.digestOf(text);
  if (text === null || (isCurrent && digest === known.digest)) return ok({ digest, etag, isImported: false });
  const calendar = { team: rota.team, source: sourceOf(rota.name), zone, persons, text };
  return deps.transact(async (records) => {
    const at = deps.now();
    // A calendar without any shift is one by which nobody is known from now on.
    const imported = await importOrNobody(deps, records, calendar, at);
    if (!imported.ok) return imported;
    if (await records.cover.endImports(calendar.source, rota.team, at)) await records.deployments.wake(null, at);
    return ok({ digest, etag, isImported: true });
  });
}

async function importOrNobody(
  deps: RefreshRotasDeps,
  records: Parameters<typeof importShiftsInto>[1],
  calendar: Omit<Parameters<typeof importShiftsInto>[2], "until">,
  at: Temporal.Instant,
): ReturnType<typeof importShiftsInto> {
  const imported = await importShiftsInto(deps, records, { ...calendar, until: null }, systemCall);
  const isEmpty = !imported.ok && imported.error.code === "no-shifts";
  return isEmpty ? importShiftsInto(deps, records, { ...calendar, until: at }, systemCall) : imported;
}

function needsRenewal({ now }: RefreshRotasDeps, { digest, expandedTo }: SubscriptionState): boolean {
  return digest === null || expandedTo === null || isBefore(expandedTo, now().add({ hours: 24 * renewDays }));
}

/** What a person reads of a refusal: line and event first. */
export function sayShiftRefusal(refusal: ShiftRefusal): string {
  switch (refusal.code) {
    case "invalid-calendar":
      return sayFault(refusal.fault);
    case "feed-failed":
      return refusal.message;
    case "no-shifts":
      return "The calendar holds no shift from now on.";
    case "no-such-team":
      return `The configuration declares no team ${refusal.name}.`;
    case "no-such-person":
      return `The configuration declares no person ${refusal.name}.`;
  }
}
