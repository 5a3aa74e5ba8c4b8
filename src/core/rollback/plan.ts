import type { Service } from "#core/catalog/service.ts";
import type { ExpectedDuration } from "#core/release/state.ts";
import type { EvidenceRecord } from "#core/release/reports.ts";
import { elapsedMs } from "#core/policy/say.ts";
import type { DecisionOption } from "#core/rollback/decision.ts";
import { newestRehearsal } from "#core/rollback/rehearsal.ts";

/*
 * The way back of a service, thought out before anything goes (capability J7): when it is taken, how, how long it takes,
 * from where on it is none any more, and what it cannot undo. A plan is bound to what is approved (semantics §4).
 */

export interface RollbackPlan {
  readonly service: string;
  /** Name of the document. */
  readonly document: string;
  /** When it is taken, a sentence each. */
  readonly triggers: readonly string[];
  /** What is done, a sentence each, in order. */
  readonly steps: readonly string[];
  /** As its team estimates it; null: it does not say. */
  readonly expected: Temporal.Duration | null;
  /** null: it can be taken at any time. */
  readonly pointOfNoReturn: PointOfNoReturn | null;
  readonly limits: readonly RollbackLimit[];
}

/** From the stage with this share on the plan is to fix forward. */
export interface PointOfNoReturn {
  /** Per cent of live traffic; passed when a version has had it. */
  readonly percent: number;
  readonly why: string;
  /** Past it nothing goes back by itself: this is done where nobody decides in time. Absent: it goes on. */
  readonly whenSilent?: DecisionOption | undefined;
}

/** What going back does not undo, and what is done about it. */
export interface RollbackLimit {
  /** The other end of the asynchronous edge; null: nobody's in particular, such as a mail that was sent. */
  readonly service: string | null;
  readonly cannot: string;
  readonly remedy: string;
}

/** What was handed to another service, or taken from it, does not come back with the version. */
export interface AsyncEdge {
  /** The other end. */
  readonly service: string;
  readonly kind: "message" | "data";
}

/** The asynchronous edges of a service, its own first, then those that others declare to it; each other end once. */
export function asyncEdges(service: Service, dependants: readonly Service[]): readonly AsyncEdge[] {
  const own = service.dependsOn.flatMap(({ on, kind }) => asyncEdge(on, kind));
  const others = dependants.flatMap(({ name, dependsOn }) =>
    dependsOn.flatMap(({ on, kind }) => (on === service.name ? asyncEdge(name, kind) : [])),
  );
  const found = new Map<string, AsyncEdge>();
  for (const edge of [...own, ...others]) if (!found.has(edge.service)) found.set(edge.service, edge);
  return [...found.values()];
}

function asyncEdge(service: string, kind: string): readonly AsyncEdge[] {
  return kind === "message" || kind === "data" ? [{ service, kind }] : [];
}

/** The edges that no limit of the plan speaks of. */
export function edgesWithoutLimit(plan: RollbackPlan, edges: readonly AsyncEdge[]): readonly AsyncEdge[] {
  const said = new Set(plan.limits.map(({ service }) => service));
  return edges.filter(({ service }) => !said.has(service));
}

/** How long the way back takes, and how that is known. */
export interface RollbackTime {
  readonly milliseconds: number;
  readonly known: "rehearsed" | "history" | "estimate";
}

/** What is known about the pair of versions. */
export interface WayBack {
  readonly plan: RollbackPlan | null;
  readonly expected: ExpectedDuration | null;
  readonly evidence: readonly EvidenceRecord[] | "assumed";
  readonly digest: string | null;
  /** Version that it goes back to; null: none is live, or nobody knows which. */
  readonly former: string | null;
}

/**
 * A rehearsal of just this pair has measured it and takes the place of every estimate; else the greater of what its
 * team expects and what history says, as neither may be too short. null: nobody knows.
 */
export function rollbackTime(way: WayBack): RollbackTime | null {
  const { plan, expected } = way;
  const rehearsal = newestRehearsal(way);
  if (rehearsal !== null && rehearsal.outcome === "pass" && rehearsal.value !== null) {
    return { milliseconds: rehearsal.value * 1000, known: "rehearsed" };
  }
  const estimate = plan === null || plan.expected === null ? null : elapsedMs(plan.expected);
  const history = expected === null ? null : elapsedMs(expected.rollbackP95);
  if (estimate === null) return history === null ? null : { milliseconds: history, known: "history" };
  return history === null || estimate >= history
    ? { milliseconds: estimate, known: "estimate" }
    : { milliseconds: history, known: "history" };
}

/** Past it the plan is to fix forward; `reached` is the greatest share that the version has had. */
export function isPastNoReturn(plan: RollbackPlan | null, reached: number): boolean {
  return plan !== null && passedPoint(plan.pointOfNoReturn, reached) !== null;
}

/** The point of no return that a version with this share has passed; null: there is none, or it has not come to it. */
export function passedPoint(point: PointOfNoReturn | null, reached: number): PointOfNoReturn | null {
  return point !== null && reached >= point.percent ? point : null;
}

/** What is done past the point where nobody decides: forward, unless the team has written that it goes back. */
export function silentPast({ whenSilent }: PointOfNoReturn): DecisionOption {
  return whenSilent ?? "go-on";
}
