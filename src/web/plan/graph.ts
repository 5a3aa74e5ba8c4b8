import { partName, type Part, type RunStep } from "./run.ts";

/** A box of the picture, in its units. */
export interface Box {
  readonly step: GraphStep;
  readonly x: number;
  readonly y: number;
}

export interface Arrow {
  readonly key: string;
  readonly path: string;
}

export interface Lane {
  readonly part: Part;
  readonly label: string;
  /** Where its label stands. */
  readonly y: number;
}

export interface Graph {
  readonly width: number;
  readonly height: number;
  readonly lanes: readonly Lane[];
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** What is drawn; steps of a runbook have no state. */
export type GraphStep = Pick<RunStep, "part" | "name" | "after" | "column"> & {
  readonly state: RunStep["state"] | null;
};

export const box = { width: 150, height: 40 } as const;
const gap = { x: 40, y: 12 } as const;
const laneHead = 26;
const laneGap = 16;
const edge = 4;
const lanes: readonly Part[] = ["forward", "undo", "rollback"];

/** Draws each part in a lane of its own: columns by what a step needs, rows near what it comes from. */
export function graphOf(steps: readonly GraphStep[]): Graph {
  const boxes: Box[] = [];
  const heads: Lane[] = [];
  let y = 0;
  for (const part of lanes) {
    const own = steps.filter((step) => step.part === part);
    if (own.length === 0) continue;
    heads.push({ part, label: partName(part), y });
    const rows = rowsOf(own);
    const top = y + laneHead;
    for (const step of own) {
      boxes.push({
        step,
        x: edge + step.column * (box.width + gap.x),
        y: top + (rows.get(step.name) ?? 0) * (box.height + gap.y),
      });
    }
    y = top + (1 + Math.max(...rows.values())) * (box.height + gap.y) - gap.y + laneGap;
  }
  const width = Math.max(box.width, ...boxes.map(({ x }) => x + box.width)) + edge;
  return { width, height: Math.max(box.height, y - laneGap) + edge, lanes: heads, boxes, arrows: arrowsOf(boxes) };
}

/** Each column from the top, in the order of the rows that its steps come from. */
function rowsOf(steps: readonly GraphStep[]): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  const last = Math.max(0, ...steps.map(({ column }) => column));
  for (let column = 0; column <= last; column++) {
    const there = steps.filter((step) => step.column === column);
    const sorted = there.toSorted((a, b) => meanRow(a, rows) - meanRow(b, rows));
    for (const [row, { name }] of sorted.entries()) rows.set(name, row);
  }
  return rows;
}

function meanRow({ after }: GraphStep, rows: ReadonlyMap<string, number>): number {
  return after.length === 0 ? 0 : after.reduce((sum, name) => sum + (rows.get(name) ?? 0), 0) / after.length;
}

function arrowsOf(boxes: readonly Box[]): readonly Arrow[] {
  const byName = new Map(boxes.map((one) => [`${one.step.part}/${one.step.name}`, one]));
  return boxes.flatMap((to) =>
    to.step.after.flatMap((name): readonly Arrow[] => {
      const from = byName.get(`${to.step.part}/${name}`);
      return from === undefined ? [] : [{ key: `${to.step.part}/${name}>${to.step.name}`, path: curve(from, to) }];
    }),
  );
}

function curve(from: Box, to: Box): string {
  const [x1, y1] = [from.x + box.width, from.y + box.height / 2];
  const [x2, y2] = [to.x - 2, to.y + box.height / 2];
  const bend = Math.min(gap.x, (x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** As many letters as a box has room for. */
const fitting = 17;

export function boxText(name: string): string {
  return name.length <= fitting ? name : `${name.slice(0, fitting - 1)}…`;
}

/** The text in the place of the picture. */
export function graphText(steps: readonly GraphStep[]): string {
  const counts = new Map<string, number>();
  for (const { state } of steps) if (state !== null) counts.set(state, (counts.get(state) ?? 0) + 1);
  const states = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  const parts = lanes.flatMap((part) => {
    const count = steps.filter((step) => step.part === part).length;
    return count === 0 ? [] : [`${partName(part).toLowerCase()} ${count}`];
  });
  return `Graph of the steps (${parts.join(", ")})${states === "" ? "" : `: ${states}`}. The list below says the same.`;
}
