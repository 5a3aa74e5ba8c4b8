import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import { defaultStabilisation, type TeamCover } from "#core/calendar/cover/rota.ts";
import type { Span } from "#core/span.ts";

/** Length of a run of which no history is known: a canary through its usual stages. */
export const assumedRun: Temporal.Duration = Temporal.Duration.from({ minutes: 30 });

export interface CoverNeed {
  readonly subject: { readonly service: string; readonly environment: string };
  readonly durations: readonly {
    readonly service: string;
    readonly environment: string;
    readonly p95: Temporal.Duration;
  }[];
  readonly impact: readonly ImpactedService[];
  readonly rotas: readonly TeamCover[];
}

/** How long somebody must be there: the run, and the stabilisation that the rota of the service's own team asks for. */
export function coverLengthMs({ subject, durations, impact, rotas }: CoverNeed): number {
  const known = durations.find(
    ({ service, environment }) => service === subject.service && environment === subject.environment,
  );
  const team = impact.find(({ service }) => service === subject.service)?.team;
  const stabilisation = rotas.find((rota) => rota.team === team)?.stabilisation ?? defaultStabilisation;
  return Math.ceil((known?.p95 ?? assumedRun).total("milliseconds") + stabilisation.total("milliseconds"));
}

/** As far as cover is looked at for starts from one instant to another: the last of them needs its whole length. */
export function coverRange(need: CoverNeed, at: Temporal.Instant, horizon: Temporal.Instant): Span {
  return { from: at, to: horizon.add({ milliseconds: coverLengthMs(need) }) };
}

/** The span of a run that starts at an instant, stabilisation included. */
export function coverSpan(need: CoverNeed, from: Temporal.Instant): Span {
  return { from, to: from.add({ milliseconds: coverLengthMs(need) }) };
}
