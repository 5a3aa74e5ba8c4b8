import type { ErrorBudget, RiskScore, Ticket } from "#core/release/reports.ts";
import { heardBudget } from "#core/release/silence.ts";
import { addressOf, type Report } from "#core/release/report.ts";
import { compareInstants } from "#core/span.ts";

/** Of each key the newest report that was known at the instant; among equal instants the last one of the list. */
export function newestOf<R extends Report>(reports: readonly R[], at: Temporal.Instant): readonly R["record"][] {
  const newest = new Map<string, R>();
  for (const report of reports) {
    if (compareInstants(report.record.at, at) > 0) continue;
    const { key } = addressOf(report);
    const known = newest.get(key);
    if (known === undefined || compareInstants(known.record.at, report.record.at) <= 0) newest.set(key, report);
  }
  return [...newest.values()].map(({ record }) => record);
}

/** True when the ticket may be about this work: it names the service, and the environment unless it names none. */
export function concerns(
  ticket: Ticket,
  { service, environment }: { readonly service: string; readonly environment: string },
): boolean {
  const isThere = ticket.environments.length === 0 || ticket.environments.includes(environment);
  return isThere && ticket.services.includes(service);
}

/**
 * Of the newest budget of each source that holds there: what is said of the environment goes before what is said of all
 * of them, and among several sources the least is believed. One that has fallen silent could say anything.
 */
export function budgetOf(
  budgets: readonly ErrorBudget[],
  environment: string,
  at: Temporal.Instant,
): ErrorBudget | null {
  const here = budgets.filter((budget) => budget.environment === environment);
  const everywhere = budgets.filter((budget) => budget.environment === null);
  const heard = (here.length > 0 ? here : everywhere).map((budget) =>
    budget.freshUntil === undefined ? budget : heardBudget(budget, at),
  );
  return leastBy(heard, ({ left, silentSince }) => (silentSince === undefined ? left : Number.NEGATIVE_INFINITY));
}

/** Of the newest score of each source: the highest is believed. */
export function scoreOf(scores: readonly RiskScore[]): RiskScore | null {
  return leastBy(scores, ({ score }) => -score);
}

function leastBy<T>(values: readonly T[], figure: (value: T) => number): T | null {
  return values.reduce<T | null>((least, value) => {
    return least === null || figure(value) < figure(least) ? value : least;
  }, null);
}
