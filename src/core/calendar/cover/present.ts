import type { Cover } from "#core/calendar/cover/cover-for.ts";
import type { ImpactedService } from "#core/calendar/cover/impact.ts";
import type { Span } from "#core/span.ts";

/** A cover as it is sent and shown; instants are UTC with `Z`. */
export interface CoverJson {
  readonly service: string;
  readonly environment: string;
  readonly zone: string;
  readonly from: string;
  readonly to: string;
  readonly impact: readonly ImpactedService[];
  /** False: nobody has declared a rota. */
  readonly isJudged: boolean;
  readonly gaps: readonly (Omit<Cover["gaps"][number], "from" | "to"> & {
    readonly from: string;
    readonly to: string;
  })[];
  readonly unknown: Cover["unknown"];
  readonly onDuty: Cover["onDuty"];
}

export interface PresentableCover {
  readonly service: string;
  readonly environment: string;
  readonly zone: string;
  readonly span: Span;
  readonly impact: readonly ImpactedService[];
  readonly cover: Cover | "none";
}

export function coverToJson({ service, environment, zone, span, impact, cover }: PresentableCover): CoverJson {
  const { gaps, unknown, onDuty } = cover === "none" ? { gaps: [], unknown: [], onDuty: [] } : cover;
  return {
    service,
    environment,
    zone,
    from: span.from.toString(),
    to: span.to.toString(),
    impact,
    isJudged: cover !== "none",
    gaps: gaps.map((gap) => ({ ...gap, from: gap.from.toString(), to: gap.to.toString() })),
    unknown,
    onDuty,
  };
}
