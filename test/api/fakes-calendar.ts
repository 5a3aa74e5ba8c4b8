import { idPrefix } from "#core/id.ts";
import { err, ok } from "#core/result.ts";
import type { CalendarOperations } from "#usecases/operations.ts";
import type { Negotiation } from "#usecases/calendar/advice-types.ts";

const from = Temporal.Instant.from("2026-03-31T01:00:00Z");
const to = from.add({ hours: 1 });
const reasons = [{ code: "load" as const, sentence: "It is quiet.", weight: 60 }];

export const fakeSlotId = `${idPrefix.slot}_${"0".repeat(32)}`;
export const fakeSwapId = `${idPrefix.swap}_${"0".repeat(32)}`;

/** Advice and cover as the API meets them; `carry` counts what was carried out, reading left aside. */
export function fakeCalendarOperations(carry: (name: keyof CalendarOperations) => Promise<void>): CalendarOperations {
  const talk = (deployment: Negotiation["deployment"]): Negotiation => ({
    deployment,
    planned: { from, to },
    plannedSlot: { from, to, score: 60, reasons },
    agreed: { id: fakeSlotId, from, to, acceptedBy: "operator" },
    positions: [
      {
        id: fakeSlotId,
        deployment,
        kind: "proposed",
        proposal: fakeSlotId,
        person: "operator",
        at: from,
        reason: "Fewer of us then.",
        from,
        to,
        score: 60,
        reasons,
        delta: -5,
      },
    ],
  });
  const changed = { id: fakeSwapId, gained: [], lost: [] };
  return {
    async adviseSlots({ service }) {
      await carry("adviseSlots");
      if (service === "nothing") return err("no-such-service");
      const slots = [{ from, to, score: 60, reasons }];
      return ok({
        at: from,
        zone: "Europe/Berlin",
        risk: "high",
        neededMs: 3_600_000,
        isLengthKnown: true,
        slots,
        obstacles: [],
        blockers: [],
      });
    },
    async recordLoadProfiles() {
      await carry("recordLoadProfiles");
      return ok({ recorded: 1 });
    },
    readSlots: async ({ id }) => ok(talk(id)),
    async proposeSlot({ id }) {
      await carry("proposeSlot");
      return ok(talk(id));
    },
    async acceptSlot({ id }) {
      await carry("acceptSlot");
      return ok(talk(id));
    },
    async withdrawSlot({ id }) {
      await carry("withdrawSlot");
      return ok(talk(id));
    },
    async askCover({ service }) {
      await carry("askCover");
      if (service === "nothing") return err("no-such-service");
      const cover = {
        gaps: [
          {
            team: "checkout",
            services: [service],
            tier: 1,
            from,
            to,
            candidates: [{ person: "ann", why: "is there" }],
          },
        ],
        unknown: [],
        onDuty: [],
      };
      const impact = [{ service, team: "checkout", tier: 1 }];
      return ok({ span: { from, to }, zone: "Europe/Berlin", impact, cover });
    },
    async importRota() {
      await carry("importRota");
      return ok(changed);
    },
    async swapShift({ person }) {
      await carry("swapShift");
      return person === "stranger" ? err({ code: "no-such-person", name: person }) : ok(changed);
    },
    async withdrawSwap() {
      await carry("withdrawSwap");
      return ok(changed);
    },
  };
}
