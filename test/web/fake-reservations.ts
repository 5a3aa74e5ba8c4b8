import type { Reservation } from "#web/plan/queries.ts";
import { text } from "#test/web/fake-world.ts";

/** One team has an environment now, another stands behind it, and one has a place of a sandbox. */
export function reservationsAt(now: Temporal.Instant): Reservation[] {
  const held: Reservation = {
    id: `rsv_${"1".repeat(32)}`,
    place: "environment:uat",
    team: "checkout",
    by: "kemal",
    reason: "Acceptance of 5.1 with the shops.",
    from: text(now.subtract({ hours: 20 })),
    to: text(now.add({ hours: 28 })),
    seats: [1],
    notBefore: null,
    hasBegun: true,
  };
  return [
    held,
    {
      ...held,
      id: `rsv_${"2".repeat(32)}`,
      place: "resource:payco-sandbox",
      team: "ledger",
      by: "lea",
      reason: "Card tests.",
      from: text(now.add({ hours: 4 })),
      seats: [2],
      hasBegun: false,
    },
    {
      ...held,
      id: `rsv_${"3".repeat(32)}`,
      team: "ledger",
      by: "lea",
      reason: "Regression of the new ledger.",
      from: held.to,
      to: text(now.add({ hours: 76 })),
      notBefore: text(now.add({ hours: 6 })),
      hasBegun: false,
    },
  ];
}
