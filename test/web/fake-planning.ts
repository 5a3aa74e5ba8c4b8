import type { z } from "zod";
import { decideReflow, type businessCalendar, type reflow } from "#contract/business-calendar.ts";
import { proposeSlot, type negotiation, type slotAdvice } from "#contract/advice.ts";
import type { cover, rotaSource } from "#contract/cover.ts";
import { blocked, idOf, queued, text, waiting } from "#test/web/fake-world.ts";

type Reflow = z.infer<typeof reflow>;
type Negotiation = z.infer<typeof negotiation>;
type Slot = z.infer<typeof slotAdvice>["slots"][number];

interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const hex = (number: number): string => number.toString(16).padStart(32, "0");
export const campaignBatch = `rfl_${hex(1)}`;
export const restoreBatch = `rfl_${hex(2)}`;
export const oldBatch = `rfl_${hex(3)}`;

/** Proposals, slots, calendars and cover in memory: one batch of three bookings, one that gives an old slot back. */
export function fakePlanningHandlers(now: () => Temporal.Instant): Readonly<Record<string, (asked: Asked) => unknown>> {
  const batches = makeBatches(now());
  const talks = new Map<string, Negotiation>();
  const talkOf = (id: string): Negotiation => talks.get(id) ?? firstTalk(id, now());
  const change = (id: string, talk: Negotiation): Negotiation => {
    talks.set(id, talk);
    return talk;
  };
  return {
    listReflows: () => ({ items: batches }),
    decideReflow: ({ params, body }) => decide(batches, params["id"] ?? "", decideReflow.body.parse(body), now()),
    listBusinessCalendars: () => ({ items: calendars(now()) }),
    listRotas: () => ({ items: rotas(now()) }),
    adviseSlots: ({ body }) => advice(body, now()),
    readSlots: ({ params }) => talkOf(params["id"] ?? ""),
    proposeSlot: ({ params, body }) => {
      const id = params["id"] ?? "";
      return change(id, proposed(talkOf(id), proposeSlot.body.parse(body), now()));
    },
    acceptSlot: ({ params }) => {
      const id = params["id"] ?? "";
      return change(id, accepted(talkOf(id), params["slot"] ?? "", now()));
    },
    withdrawSlot: ({ params }) => talkOf(params["id"] ?? ""),
    askCover: ({ body }) => coverOf(body),
  };
}

function spanAfter(at: Temporal.Instant, hours: number): { from: string; to: string } {
  const from = at.round({ smallestUnit: "hour", roundingMode: "ceil" }).add({ hours });
  return { from: text(from), to: text(from.add({ minutes: 50 })) };
}

function makeBatches(at: Temporal.Instant): Reflow[] {
  const open = { event: "campaigns/black-friday", state: "open", decidedBy: null, decidedAt: null } as const;
  const moved = (position: number, deployment: string, sentence: string, hours: number | null) => ({
    ...open,
    position,
    kind: "blocked" as const,
    deployment,
    oldSlot: spanAfter(at, 15),
    newSlot: hours === null ? null : spanAfter(at, hours),
    sentence,
  });
  const until = "the next legal slot begins in the window prod-weekend.";
  return [
    {
      id: campaignBatch,
      calendar: "campaigns",
      at: text(at.subtract({ minutes: 12 })),
      sentence: "The import concerns 3 bookings: 3 fall into a blackout.",
      items: [
        moved(1, waiting, `ledger-core 2.8.0 to prod-emea falls into Black Friday; ${until}`, 63),
        moved(2, queued, `checkout-web to prod-emea falls into Black Friday; ${until}`, 64),
        moved(3, idOf(0xee), "notify-mail to prod-emea falls into Black Friday; no legal slot is known yet.", null),
      ],
    },
    {
      id: restoreBatch,
      calendar: "finance",
      at: text(at.subtract({ hours: 3 })),
      sentence: "The import concerns 1 booking: 1 may have its old slot back.",
      items: [
        {
          ...moved(1, waiting, "The event finance/close is gone; the slot of before is free again.", 39),
          kind: "restore",
          event: "finance/close",
        },
      ],
    },
    {
      id: oldBatch,
      calendar: "advisories",
      at: text(at.subtract({ hours: 50 })),
      sentence: "The import concerns 1 booking: 1 had better go early.",
      items: [
        {
          ...moved(1, idOf(0x1001), "CVE-2026-1 asks for pricing-svc 3.2.1 in prod-emea to go early.", 5),
          kind: "pull-forward",
          state: "accepted",
          decidedBy: "dave",
          decidedAt: text(at.subtract({ hours: 49 })),
        },
      ],
    },
  ];
}

function decide(
  batches: Reflow[],
  id: string,
  { decision, items }: z.infer<typeof decideReflow.body>,
  at: Temporal.Instant,
): { items: { position: number; outcome: string }[] } {
  const index = batches.findIndex((batch) => batch.id === id);
  const batch = batches[index];
  if (batch === undefined) throw new Error(`there is no batch ${id}`);
  const state = decision === "accept" ? ("accepted" as const) : ("declined" as const);
  const isMeant = (one: Reflow["items"][number]): boolean =>
    one.state === "open" && (items === undefined || items.includes(one.position));
  const meant = batch.items.filter(isMeant);
  const decided = { state, decidedBy: "ana", decidedAt: text(at) };
  batches[index] = { ...batch, items: batch.items.map((one) => (isMeant(one) ? { ...one, ...decided } : one)) };
  return { items: meant.map(({ position }) => ({ position, outcome: state })) };
}

function slotAt(at: Temporal.Instant, hours: number, load: number): Slot {
  const weight = Math.round(60 * (1 - load / 100));
  const [quiet, room] = [load <= 30 ? "quiet hours" : "outside of the quiet hours", 15];
  return {
    ...spanAfter(at, hours),
    score: weight + 25 + room,
    reasons: [
      { code: "load", sentence: `The load is ${load} % of the week's peak: ${quiet}.`, weight },
      { code: "neighbours-free", sentence: "No batch of ledger-core runs.", weight: 25 },
      { code: "room-to-go-back", sentence: "Beside run and rollback 95 min are left before it closes.", weight: room },
    ],
  };
}

function advice(body: unknown, at: Temporal.Instant): unknown {
  const { service, version, environment, risk } = Object(body);
  const judged = blocked(at, service, version, environment).findings.filter(({ outcome }) => outcome !== "pass");
  const peak = {
    rule: "quiet-hours",
    ruleVersion: "1",
    outcome: "wait",
    code: "high-risk-at-peak",
    sentence: "High risk at peak: the next quiet hours begin on Tue 24 Nov at 03:00 Europe/Berlin.",
    until: text(at.add({ hours: 40 })),
    evidence: [],
    remedies: [{ kind: "change", who: "requester", what: "Have the risk of the change judged again." }],
  };
  const isHigh = risk !== "low";
  return {
    service,
    version,
    environment,
    at: text(at),
    zone: "Europe/Berlin",
    risk: isHigh ? "high" : "low",
    neededMs: 50 * 60_000,
    isLengthKnown: true,
    slots: [slotAt(at, 39, 6), slotAt(at, 63, 18), slotAt(at, 15, 72)],
    obstacles: isHigh ? [peak, ...judged] : judged,
    blockers: [],
  };
}

function firstTalk(id: string, at: Temporal.Instant): Negotiation {
  const planned = slotAt(at, 15, 72);
  const theirs = slotAt(at, 63, 18);
  return {
    deployment: id,
    planned: { from: planned.from, to: planned.to },
    plannedSlot: planned,
    agreed: null,
    positions: [
      {
        id: `slt_${hex(1)}`,
        kind: "proposed",
        proposal: `slt_${hex(1)}`,
        person: "dave",
        at: text(at.subtract({ hours: 2 })),
        reason: "On Thursday morning nobody of the ledger team is in.",
        ...theirs,
        delta: theirs.score - planned.score,
      },
    ],
  };
}

function proposed(
  talk: Negotiation,
  { from, reason }: { readonly from: string; readonly reason: string },
  at: Temporal.Instant,
): Negotiation {
  const begin = Temporal.Instant.from(from);
  const slot = { ...slotAt(at, 0, 30), from: text(begin), to: text(begin.add({ minutes: 50 })) };
  const id = `slt_${hex(talk.positions.length + 1)}`;
  const delta = slot.score - (talk.plannedSlot?.score ?? 0);
  const position = { id, kind: "proposed" as const, proposal: id, person: "ana", at: text(at), reason, ...slot, delta };
  return { ...talk, positions: [...talk.positions, position] };
}

function accepted(talk: Negotiation, slot: string, at: Temporal.Instant): Negotiation {
  const proposal = talk.positions.find(({ id }) => id === slot);
  if (proposal === undefined) throw new Error(`there is no proposal ${slot}`);
  const { from, to, score, reasons } = proposal;
  const id = `slt_${hex(talk.positions.length + 1)}`;
  return {
    ...talk,
    planned: { from, to },
    plannedSlot: { from, to, score, reasons },
    agreed: { id: slot, from, to, acceptedBy: "ana" },
    positions: [
      ...talk.positions,
      { ...proposal, id, kind: "accepted", person: "ana", at: text(at), reason: null, delta: null },
    ],
  };
}

function calendars(at: Temporal.Instant): z.infer<typeof businessCalendar>[] {
  const of = { zone: "Europe/Berlin", owner: "finance", importedBy: "fin-bot", failure: null, failingSince: null };
  const ago = (hours: number): string => text(at.subtract({ hours }));
  return [
    {
      ...of,
      name: "finance",
      source: "url",
      importedAt: ago(20),
      ageSeconds: 240,
      lastAttemptAt: text(at.subtract({ minutes: 4 })),
      events: [
        { name: "finance/close", summary: "Month-end close", effect: "blackout", ...spanAfter(at, 100) },
        { name: "finance/pre", summary: "Pre-close", effect: "caution", ...spanAfter(at, 60) },
      ],
    },
    {
      ...of,
      name: "campaigns",
      owner: "marketing",
      source: "url",
      importedAt: ago(49),
      ageSeconds: 49 * 3600,
      lastAttemptAt: text(at.subtract({ minutes: 2 })),
      failure: "https://plan.example answered 503 instead of a calendar.",
      failingSince: ago(31),
      events: [{ name: "campaigns/bf", summary: "Black Friday", effect: "blackout", ...spanAfter(at, 12) }],
    },
    {
      ...of,
      name: "vendors",
      source: "file",
      importedAt: null,
      importedBy: null,
      ageSeconds: null,
      lastAttemptAt: null,
      events: [],
    },
  ];
}

function rotas(at: Temporal.Instant): z.infer<typeof rotaSource>[] {
  const of = { rota: null, importedBy: "ops-bot", failure: null, failingSince: null, duties: 84 };
  const [imported, tried] = [text(at.subtract({ hours: 3 })), text(at.subtract({ minutes: 5 }))];
  const known = { importedAt: imported, ageSeconds: 10_800, lastAttemptAt: tried };
  const until = text(at.add({ hours: 24 * 28 }));
  const failure = "https://rota.example answered 401: the credential is refused.";
  return [
    { ...of, ...known, team: "checkout", source: "pager", until },
    { ...of, ...known, team: "ledger", source: "pager", until, failure, failingSince: imported },
    { ...of, ...known, team: "risk", source: "spreadsheet", until: tried },
  ];
}

/** On odd days of the month nobody of the checkout team is there for the second hour. */
function coverOf(body: unknown): z.infer<typeof cover> {
  const { service, environment, at } = Object(body);
  const from = Temporal.Instant.from(at);
  const hour = (hours: number): string => text(from.add({ hours }));
  const affected = { team: "checkout", services: ["checkout-api"], tier: 1 };
  const candidates = [{ person: "hana", why: "on duty until then" }];
  const isGap = from.toZonedDateTimeISO("UTC").day % 2 === 1;
  return {
    service,
    environment,
    zone: "Europe/Berlin",
    from: hour(0),
    to: hour(3),
    impact: [{ service, team: "checkout", tier: 1 }],
    isJudged: true,
    gaps: isGap ? [{ ...affected, from: hour(2), to: hour(3), candidates }] : [],
    unknown: [],
    onDuty: [{ team: "checkout", persons: ["chen"] }],
  };
}
