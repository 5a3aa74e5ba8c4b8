import type { Document } from "#config/document.ts";
import { type PolicyCase, policyCase } from "#config/kinds/policy-case.ts";
import { caseHorizonHours, runCases } from "#config/run-cases.ts";
import { noState } from "#config/world.ts";
import type { EventEffects } from "#core/calendar/business/effects.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { EvaluateOptions } from "#core/policy/evaluate.ts";
import type { Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import type { PolicyCaseResult, PolicyCases, PolicyOperations } from "#usecases/policy/policy-operations.ts";

/** A case of the folder that was applied last. */
export interface KeptCase {
  readonly document: Document;
  readonly place: string;
  readonly appliedAt: Temporal.Instant;
  readonly appliedBy: string;
}

export interface PolicyCasesDeps {
  readonly cases: () => Promise<readonly KeptCase[]>;
  /** The one in force; the same object as long as nothing is applied. */
  readonly organisation: () => Promise<Organisation>;
  /** What the inline calendars of the organisation come to in the span, or which of them cannot be read. */
  readonly effects: (organisation: Organisation, between: Span) => Result<EventEffects, string>;
  readonly options: EvaluateOptions;
  /** Lets others be served between two cases. */
  readonly breathe: () => Promise<void>;
  /** Milliseconds from anywhere. */
  readonly stopwatch: () => number;
}

/** More cases than anybody reads on a page, and far more time than those of one organisation have ever taken. */
const maxCases = 500;
const maxMs = 5_000;

/**
 * How the kept cases stand under the configuration in force: the same run as `tidegate policy test`, without State
 * documents, which are never applied. Judged once and remembered until either changes; whoever asks meanwhile waits for
 * the same run.
 */
export function makePolicyCases(deps: PolicyCasesDeps): PolicyOperations["cases"] {
  let last: { readonly organisation: Organisation; readonly key: string; readonly run: Promise<PolicyCases> } | null =
    null;
  return async () => {
    const [cases, organisation] = await Promise.all([deps.cases(), deps.organisation()]);
    const key = cases.map(({ document, appliedAt }) => `${document.name} ${appliedAt.toString()}`).join("\n");
    if (last === null || last.organisation !== organisation || last.key !== key) {
      const started = { organisation, key, run: runAll(deps, cases, organisation) };
      last = started;
      started.run.catch(() => {
        if (last === started) last = null;
      });
    }
    return last.run;
  };
}

interface Readable {
  readonly kept: KeptCase;
  readonly each: PolicyCase;
}

async function runAll(
  deps: PolicyCasesDeps,
  cases: readonly KeptCase[],
  organisation: Organisation,
): Promise<PolicyCases> {
  const [readable, unreadable] = decoded(cases);
  const between = spanOf(readable);
  const effects = between === null ? null : deps.effects(organisation, between);
  if (effects !== null && !effects.ok) {
    const failed = readable.map(({ kept, each }) => resultOf(kept, each, [effects.error]));
    return { items: inOrder([...failed, ...unreadable]), left: 0 };
  }
  const { freezes = [], cautions = [] } = effects?.value ?? {};
  const judged = { ...organisation, freezes: [...organisation.freezes, ...freezes] };
  const world = { organisation: judged, state: noState, cautions };
  const items: PolicyCaseResult[] = [...unreadable];
  const startedAt = deps.stopwatch();
  let done = 0;
  for (const { kept, each } of readable) {
    if (done === maxCases || deps.stopwatch() - startedAt > maxMs) break;
    await deps.breathe();
    const { cases: outcomes, coverage } = runCases(world, [each], deps.options);
    const [outcome] = outcomes;
    if (outcome === undefined) throw new Error(`the case ${each.name} was not judged`);
    const policies = coverage.policies.filter((one) => one.cases.length > 0).map(({ policy }) => policy);
    items.push({ ...resultOf(kept, each, outcome.failures), verdict: outcome.verdict, policies });
    done += 1;
  }
  return { items: inOrder(items), left: readable.length - done };
}

function decoded(cases: readonly KeptCase[]): readonly [readonly Readable[], readonly PolicyCaseResult[]] {
  const readable: Readable[] = [];
  const unreadable: PolicyCaseResult[] = [];
  for (const kept of cases) {
    const read = policyCase.decode(kept.document);
    if (read.ok) readable.push({ kept, each: read.value });
    else
      unreadable.push(
        resultOf(
          kept,
          null,
          read.error.map(({ message }) => `It cannot be read: ${message}`),
        ),
      );
  }
  return [readable, unreadable];
}

function resultOf(kept: KeptCase, each: PolicyCase | null, failures: readonly string[]): PolicyCaseResult {
  return {
    name: kept.document.name,
    description: kept.document.description,
    place: kept.place,
    appliedAt: kept.appliedAt,
    appliedBy: kept.appliedBy,
    question: each === null ? null : { subject: each.subject, at: each.at },
    failures,
    verdict: null,
    policies: [],
  };
}

/** Everything that the events of inline calendars must be known for; null without a case. */
function spanOf(readable: readonly Readable[]): Span | null {
  const instants = readable.map(({ each }) => each.at).toSorted((a, b) => Temporal.Instant.compare(a, b));
  const [from] = instants;
  const last = instants.at(-1);
  return from === undefined || last === undefined ? null : { from, to: last.add({ hours: caseHorizonHours }) };
}

/** What fails first: that is what somebody came for. */
function inOrder(items: readonly PolicyCaseResult[]): readonly PolicyCaseResult[] {
  return items.toSorted(
    (a, b) => Number(b.failures.length > 0) - Number(a.failures.length > 0) || compareNames(a.name, b.name),
  );
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
