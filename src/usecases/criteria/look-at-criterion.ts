import type { MetricQuestion } from "#connectors/port.ts";
import { filledQuery, formerSpans, type Criterion } from "#core/criteria/criterion.ts";
import type { Measured } from "#core/criteria/believe.ts";
import { judgeCriterion, type CriterionJudgement } from "#core/criteria/judge-criterion.ts";
import type { MetricMemory, SecondSpan } from "#core/criteria/series.ts";
import { err } from "#core/result.ts";
import type { MetricSources } from "#usecases/criteria/sources.ts";

export interface MetricDeps {
  readonly sources: MetricSources;
  /** Of this machine, in step with the clocks of the sources; the domain's may be shifted. */
  readonly wallNow: () => Temporal.Instant;
}

/** What a criterion is judged for. */
export interface CriterionSubject {
  readonly service: string;
  readonly environment: string;
  /** Of the environment: former weeks are looked up on its clock. */
  readonly zone: string;
  readonly version: string;
  /** Version that was live before; null: none. */
  readonly control: string | null;
}

/** One look: everything that the criterion needs is asked at once, each within the limit of its source, and judged. */
export async function lookAtCriterion(
  deps: Pick<MetricDeps, "sources">,
  criterion: Criterion,
  subject: CriterionSubject,
  span: SecondSpan,
  memory: MetricMemory | null,
): Promise<CriterionJudgement> {
  const ask = (asked: SecondSpan, version: string): Promise<Measured> =>
    askSource(deps, criterion, { ...subject, version }, asked);
  const of = async (version: string) => ({ version, answer: await ask(span, version) });
  const baselines = new Map(criterion.against.map((baseline) => [baseline.kind, baseline]));
  const weeks = baselines.get("former-weeks");
  const spans = weeks?.kind === "former-weeks" ? formerSpans(span, weeks.weeks, subject.zone) : [];
  const [answer, control, ...former] = await Promise.all([
    ask(span, subject.version),
    baselines.has("control") && subject.control !== null ? of(subject.control) : null,
    ...spans.map(async (week) => ({ span: week, answer: await ask(week, subject.version) })),
  ]);
  return judgeCriterion(criterion, { span, version: subject.version, answer, control, former, memory });
}

type Query = Pick<Criterion, "source" | "query" | "unit" | "windowSeconds">;

/** The one way in which a source is asked: a failure is an answer, and whatever throws is a failure. */
export async function askSource(
  { sources }: Pick<MetricDeps, "sources">,
  query: Query,
  subject: Pick<CriterionSubject, "service" | "environment" | "version">,
  span: SecondSpan,
): Promise<Measured> {
  try {
    const answer = await sources[query.source].read(questionOf(query, subject, span));
    return answer.ok ? answer : err({ sentence: withoutStop(answer.error.message) });
  } catch (error) {
    return err({ sentence: `${query.source} failed: ${withoutStop(String(error)).slice(0, 200)}` });
  }
}

function questionOf(
  criterion: Query,
  subject: Pick<CriterionSubject, "service" | "environment" | "version">,
  span: SecondSpan,
): MetricQuestion {
  return {
    service: subject.service,
    environment: subject.environment,
    version: subject.version,
    query: filledQuery(criterion.query, subject),
    span,
    stepSeconds: stepOf(criterion),
    unit: criterion.unit,
  };
}

/** A window is looked at in so many points at most: enough to see its course, few enough to keep. */
const pointsOfWindow = 60;

function stepOf({ source, windowSeconds }: Query): number {
  return source === "own" ? 1 : Math.max(1, Math.ceil(windowSeconds / pointsOfWindow));
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.+$/, "");
}

/** What is looked at now: the window, or as much of it as has passed since the change took effect. */
export function spanOf(criterion: Criterion, nowSecond: number, sinceSecond: number): SecondSpan {
  const from = Math.max(nowSecond - criterion.windowSeconds, sinceSecond);
  return { from: Math.min(from, nowSecond), until: nowSecond };
}
