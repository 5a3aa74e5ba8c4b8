import type { Tone } from "#web/release/deployment.ts";
import type { IconName } from "#web/ui/icons.tsx";
import type { Reflow } from "./planning-queries.ts";
import type { MoveSearch } from "./search.ts";

export type Move = Reflow["items"][number];

export function hasOpenItem({ items }: Reflow): boolean {
  return items.some(({ state }) => state === "open");
}

/** Batches that the search asks for: with something to decide, or all; of one calendar, or of every. */
export function batchesOf(batches: readonly Reflow[], { show, calendar }: MoveSearch): readonly Reflow[] {
  return batches
    .filter((batch) => show === "all" || hasOpenItem(batch))
    .filter((batch) => calendar === undefined || batch.calendar === calendar);
}

/** An item without a new slot can be declined, and not accepted. */
export function canBeAccepted({ state, newSlot }: Move): boolean {
  return state === "open" && newSlot !== null;
}

/** Ticked positions of a batch: those of the URL that are open still, or all that can be accepted. */
export function tickedOf({ id, items }: Reflow, { batch, items: chosen }: MoveSearch): readonly number[] {
  const isWhole = batch !== id || chosen === undefined;
  if (isWhole) return items.filter(canBeAccepted).map(({ position }) => position);
  const positions = chosen === "none" ? [] : chosen.split(",").map(Number);
  return items
    .filter(({ state, position }) => state === "open" && positions.includes(position))
    .map((one) => one.position);
}

/** The part of the URL after one item was ticked or not; the whole batch again when everything is ticked. */
export function toggled(batch: Reflow, search: MoveSearch, position: number): Pick<MoveSearch, "batch" | "items"> {
  const before = tickedOf(batch, search);
  const after = before.includes(position) ? before.filter((one) => one !== position) : [...before, position];
  const sorted = after.toSorted((a, b) => a - b);
  return { batch: batch.id, items: sorted.length === 0 ? "none" : sorted.join(",") };
}

interface Look {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

const kinds: Readonly<Record<Move["kind"], Look>> = {
  blocked: { label: "Blocked", tone: "bad", icon: "hold" },
  "pull-forward": { label: "Pull forward", tone: "wait", icon: "arrow" },
  restore: { label: "Old slot is free again", tone: "good", icon: "back" },
};

const states: Readonly<Record<Move["state"], Look>> = {
  open: { label: "To decide", tone: "wait", icon: "clock" },
  accepted: { label: "Accepted", tone: "good", icon: "check" },
  declined: { label: "Declined", tone: "rest", icon: "cross" },
  outdated: { label: "Outdated", tone: "rest", icon: "minus" },
};

export const kindLook = (kind: Move["kind"]): Look => kinds[kind];
export const moveLook = (state: Move["state"]): Look => states[state];

const outcomes = {
  accepted: "moved to the proposed slot",
  declined: "declined",
  "not-open": "decided before by somebody else",
  "no-slot": "not moved: no slot was proposed",
  "no-longer-legal": "not moved: the proposed slot is not legal any more",
  "has-begun": "not moved: the deployment has begun",
} as const;

export type MoveOutcome = keyof typeof outcomes;

/** `2 moved to the proposed slot; 1 not moved: the deployment has begun`. */
export function outcomeText(items: readonly { readonly outcome: MoveOutcome }[]): string {
  const counts = new Map<MoveOutcome, number>();
  for (const { outcome } of items) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcomes[outcome]}`).join("; ");
}
