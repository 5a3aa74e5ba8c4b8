import type { z } from "zod";
import type { getMatrix, matrixCell } from "#contract/release.ts";
import type { Grouping, Reach } from "#web/release/search.ts";

export type Matrix = z.infer<(typeof getMatrix.answers)[200]>;
export type MatrixCell = z.infer<typeof matrixCell>;

export interface MatrixRow {
  readonly service: string;
  readonly tier: number;
  readonly team: string;
  /** One per environment, in their order; null where nothing is live and nothing is on its way. */
  readonly cells: readonly (MatrixCell | null)[];
}

export interface MatrixGroup {
  /** Null when the rows are not grouped. */
  readonly title: string | null;
  /** Number of rows before this group. */
  readonly first: number;
  readonly rows: readonly MatrixRow[];
}

/** Rows in groups; services keep the order of the answer within a group. `find` is part of a service's name. */
export function groupsOf(matrix: Matrix, group: Grouping, find: string): readonly MatrixGroup[] {
  const cells = new Map(matrix.cells.map((cell) => [`${cell.service} ${cell.environment}`, cell]));
  const groups = new Map<string, MatrixRow[]>();
  for (const service of matrix.services) {
    if (!service.name.includes(find.trim().toLowerCase())) continue;
    const row: MatrixRow = {
      service: service.name,
      tier: service.tier,
      team: service.team,
      cells: matrix.environments.map((environment) => cells.get(`${service.name} ${environment.name}`) ?? null),
    };
    const title = titles[group](service);
    const rows = groups.get(title);
    if (rows === undefined) groups.set(title, [row]);
    else rows.push(row);
  }
  const sorted: MatrixGroup[] = [];
  let first = 0;
  for (const [title, rows] of [...groups].toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    sorted.push({ title: group === "none" ? null : title, first, rows });
    first += rows.length;
  }
  return sorted;
}

const titles: Readonly<Record<Grouping, (service: Matrix["services"][number]) => string>> = {
  none: () => "",
  team: ({ team }) => team,
  unit: ({ unit }) => unit,
  tier: ({ tier }) => `Tier ${tier}`,
};

const reachHours: Readonly<Record<Reach, number>> = { day: 24, week: 7 * 24, month: 30 * 24 };

/** Positions of the slider: 0 is the far end, `sliderSteps` is now. */
export const sliderSteps = 240;

export function instantOf(position: number, reach: Reach, now: Temporal.Instant): Temporal.Instant | null {
  if (position >= sliderSteps) return null;
  const seconds = Math.round((reachHours[reach] * 3600 * (sliderSteps - position)) / sliderSteps);
  return now.subtract({ seconds });
}

/** Where the slider stands for an instant; one that lies before its reach stands at the far end. */
export function positionOf(at: Temporal.Instant | null, reach: Reach, now: Temporal.Instant): number {
  if (at === null) return sliderSteps;
  const back = (now.epochMilliseconds - at.epochMilliseconds) / 3_600_000;
  const position = sliderSteps - (back / reachHours[reach]) * sliderSteps;
  return Math.max(0, Math.min(sliderSteps, Math.round(position)));
}

export type Direction = "up" | "down" | "left" | "right" | "home" | "end";

/** The next cell for the arrow keys; stays inside the grid. */
export function moved(
  from: { readonly row: number; readonly column: number },
  direction: Direction,
  size: { readonly rows: number; readonly columns: number },
): { readonly row: number; readonly column: number } {
  const row = from.row + (direction === "down" ? 1 : direction === "up" ? -1 : 0);
  const step = direction === "right" ? 1 : direction === "left" ? -1 : 0;
  const column = direction === "home" ? 0 : direction === "end" ? size.columns - 1 : from.column + step;
  return { row: clamp(row, size.rows), column: clamp(column, size.columns) };
}

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, value));
}
