import { z } from "zod";
import type { ServicePage } from "#web/release/service.ts";
import { lenient } from "#web/ui/lenient.ts";
import { span } from "#web/ui/time.ts";

/** Dialogs in which something is let through in spite of a rule, or in which it is answered for. */
export const deeds = [
  "exempt",
  "override",
  "emergency",
  "approve-exemption",
  "revoke-exemption",
  "approve-emergency",
  "pay-debt",
] as const;
export type Deed = (typeof deeds)[number];

/** Part of an address: the dialog that is open, and of what: the name of a rule, or an id such as `EX-12`. */
export const deedSearch = z.object({
  ask: lenient(z.string().max(40)),
  of: lenient(z.string().max(100)),
});
export type DeedSearch = z.output<typeof deedSearch>;

export function deedOf(ask: string | undefined): Deed | null {
  return deeds.find((one) => one === ask) ?? null;
}

/** `P90D` as `90 d`; what has no fixed length as it is written. */
export function lengthText(duration: string): string {
  const length = Temporal.Duration.from(duration);
  return length.years !== 0 || length.months !== 0 ? duration : span(length.total({ unit: "seconds", ...days }));
}

/** Terms of the product are elapsed time: a day is 24 hours. A text, since `Temporal` may be loaded after this. */
const days = { relativeTo: "2026-01-01" };

/** The end that a dialog offers first: a week, or as long as the type allows. */
export function suggestedEnd(now: Temporal.Instant, maxDuration: string): Temporal.Instant {
  const seconds = Math.min(7 * 24 * 3600, Temporal.Duration.from(maxDuration).total({ unit: "seconds", ...days }));
  return now.add({ seconds: Math.floor(seconds) }).round({ smallestUnit: "minute", roundingMode: "floor" });
}

type Lane = ServicePage["environments"][number]["emergency"];

/** What the strictest of the places asks of an emergency: the most approvals, the shortest permission and terms. */
export function strictestLane(lanes: readonly Lane[]): Lane | null {
  const [first, ...rest] = lanes;
  if (first === undefined) return null;
  return rest.reduce(
    (joined, lane) => ({
      approvals: Math.max(joined.approvals, lane.approvals),
      validFor: shorter(joined.validFor, lane.validFor),
      criteria: [...new Set([...joined.criteria, ...lane.criteria])],
      reviewWithin: shorter(joined.reviewWithin, lane.reviewWithin),
      backMergeWithin: shorter(joined.backMergeWithin, lane.backMergeWithin),
      rehearsalWithin: shorterOrNone(joined.rehearsalWithin, lane.rehearsalWithin),
      stopsAfter: shorterOrNone(joined.stopsAfter, lane.stopsAfter),
    }),
    first,
  );
}

function shorter(a: string, b: string): string {
  return Temporal.Duration.compare(a, b, days) <= 0 ? a : b;
}

function shorterOrNone(a: string | null, b: string | null): string | null {
  return a === null || b === null ? (a ?? b) : shorter(a, b);
}

/** What an emergency will need, may and owe, said before it is declared. */
export function laneSentences(lane: Lane): readonly string[] {
  const owed = [
    `a review within ${lengthText(lane.reviewWithin)}`,
    `a back-merge within ${lengthText(lane.backMergeWithin)}`,
    ...(lane.rehearsalWithin === null ? [] : [`a rehearsal within ${lengthText(lane.rehearsalWithin)}`]),
  ];
  const people = lane.approvals === 1 ? "One person on duty has" : `${lane.approvals} people on duty have`;
  return [
    `${people} to approve it; you do not count, nor does whoever wrote the change.`,
    `From the last approval on it is permitted for ${lengthText(lane.validFor)}, for this version's digest alone. Windows and soft freezes then do not stop it, hard freezes only where you name them.`,
    `From its start your team owes ${owed.join(", ")}.`,
    lane.stopsAfter === null
      ? "While something is overdue, the next emergency needs one approval more, one of them of compliance."
      : `While something is overdue, the next emergency needs one approval more; after ${lengthText(lane.stopsAfter)} nothing else of the team starts.`,
  ];
}
