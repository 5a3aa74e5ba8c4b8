import { err, ok } from "#core/result.ts";
import type { BusinessOperations } from "#usecases/calendar/import-operations.ts";
import type { Feed } from "#usecases/calendar/feed-access.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const slot = { from: at, to: at.add({ minutes: 30 }) };

/** One calendar, one batch, one feed; `done` hears the name of every operation that changes something. */
export function fakeBusiness(done: (operation: string) => Promise<void>): BusinessOperations {
  const imported = { calendar: "campaigns", added: 1, removed: 0, unchanged: 0, reflow: null };
  const feed: Feed = {
    id: `fed_${"0".repeat(32)}`,
    person: "viewer",
    label: "support",
    filter: { environment: null, service: null, include: ["bookings"] },
    createdAt: at,
    revokedAt: null,
  };
  return {
    async calendars() {
      return [];
    },
    async importText({ calendar }) {
      await done("importBusinessCalendar");
      return calendar === "campaigns" ? ok(imported) : err({ code: "no-such-calendar" });
    },
    async importUrl() {
      await done("importBusinessCalendar");
      return err({ code: "feed-failed", message: "10.0.0.1:80 is not a public address" });
    },
    async reflows() {
      return [
        { id: `rfl_${"0".repeat(32)}`, calendar: "campaigns", at, sentence: "One booking should move.", items: [] },
      ];
    },
    async decideReflow({ id }) {
      await done("decideReflow");
      return id.endsWith("0") ? ok([{ position: 1, outcome: "accepted" }]) : err("no-such-reflow");
    },
    async importShifts({ team }) {
      await done("importRota");
      return team === "checkout"
        ? ok({ id: "rim_1", gained: [], lost: [] })
        : err({ code: "no-such-team", name: team });
    },
    async rotas() {
      return [];
    },
    feeds: {
      async create({ label, filter }) {
        await done("createFeed");
        return ok({ feed: { ...feed, label, filter }, file: `tg_${"0".repeat(32)}_${"a".repeat(64)}.ics` });
      },
      async list() {
        return [feed];
      },
      async revoke() {
        await done("revokeFeed");
        return true;
      },
      async read(file) {
        return file === `tg_${"0".repeat(32)}_${"a".repeat(64)}.ics`
          ? ok(`BEGIN:VCALENDAR\r\nX-SLOT:${slot.from.toString()}\r\nEND:VCALENDAR\r\n`)
          : err("no-such-feed");
      },
    },
  };
}
