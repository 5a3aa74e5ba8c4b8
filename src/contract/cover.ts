import { z } from "zod";
import { entityName, givenInstant, instant } from "#contract/common.ts";
import { defineRoute } from "#contract/route.ts";

const affected = { team: z.string(), services: z.array(z.string()), tier: z.int() };

export const cover = z
  .strictObject({
    service: z.string(),
    environment: z.string(),
    zone: z.string(),
    /** Go-live and stabilisation, half-open. */
    from: instant,
    to: instant,
    impact: z.array(z.strictObject({ service: z.string(), team: z.string(), tier: z.int() })),
    /** False: nobody has declared a rota, so nothing is judged. */
    isJudged: z.boolean(),
    gaps: z.array(
      z.strictObject({
        ...affected,
        from: instant,
        to: instant,
        candidates: z.array(z.strictObject({ person: z.string(), why: z.string() })),
      }),
    ),
    unknown: z.array(z.strictObject({ ...affected, why: z.string() })),
    onDuty: z.array(z.strictObject({ team: z.string(), persons: z.array(z.string()) })),
  })
  .meta({ id: "Cover" });

/** Bookings whose planned start has cover since, or has lost it. */
export const coverChange = z
  .strictObject({ id: z.string(), gained: z.array(z.string()), lost: z.array(z.string()) })
  .meta({ id: "CoverChange" });

export const askCover = defineRoute({
  method: "post",
  path: "/v1/cover",
  operation: "askCover",
  tag: "calendar",
  summary: "Who is there for a go-live and its stabilisation: gaps with their spans, and who could step in",
  permission: "verdict.ask",
  body: z.strictObject({ service: entityName, environment: entityName, at: givenInstant.optional() }),
  answers: { 200: cover },
  problems: ["no-such-service", "no-such-environment"],
  idempotent: false,
});

/** Duties of one import: a year of a team with several shifts a day. */
export const maxDuties = 5_000;

const person = z.string().min(1).max(100);
const duty = z.strictObject({ person, from: givenInstant, to: givenInstant });
const time = z.iso.datetime({ offset: true });

/** The rendered part of a schedule as PagerDuty's API gives it; whatever else stands in it is not read. */
const schedule = z.object({
  final_schedule: z.object({
    rendered_schedule_entries: z
      .array(
        z.object({
          start: time,
          end: time,
          user: z.object({
            id: z.string().max(200).nullish(),
            summary: z.string().max(200).nullish(),
            email: z.string().max(200).nullish(),
          }),
        }),
      )
      .max(maxDuties),
  }),
});

const importOf = {
  source: entityName,
  /** Names of the other system beside ours: its id, name or address of a user → person. */
  persons: z.record(z.string().min(1).max(200), person).optional(),
  /** Duties are known up to here; the end of the last one if absent. */
  until: givenInstant.optional(),
};

/** 5 MB of calendar as a JSON text. */
export const rotaImportBodyLimit = 6 * 1024 * 1024;

/** A calendar in which every event is a shift; `zone` is that of days and of times that name none. */
const calendarOf = { ...importOf, zone: z.string().min(1).max(100) };

export const importRota = defineRoute({
  method: "post",
  path: "/v1/rotas/:team/imports",
  operation: "importRota",
  tag: "calendar",
  summary:
    "Import the rota of a team: duties, a rendered schedule, or iCalendar; it takes the place of the last from the source",
  permission: "cover.change",
  params: z.strictObject({ team: entityName }),
  body: z.union([
    z.strictObject({ ...importOf, duties: z.array(duty).min(1).max(maxDuties) }),
    z.strictObject({ ...importOf, schedule }),
    z.strictObject({
      ...calendarOf,
      calendar: z
        .string()
        .min(1)
        .max(5 * 1024 * 1024),
    }),
    z.strictObject({ ...calendarOf, url: z.string().min(1).max(2_000) }),
  ]),
  answers: { 200: coverChange },
  problems: ["no-such-team", "no-such-person", "bad-span", "invalid-calendar", "feed-failed"],
  bodyLimit: rotaImportBodyLimit,
});

/** Where the shifts of a team come from, as far as they are not written out in the configuration. */
export const rotaSource = z
  .strictObject({
    team: z.string(),
    source: z.string(),
    /** The Rota of the configuration that subscribes to it; null for an import by a person or a pipeline. */
    rota: z.string().nullable(),
    /** null: never read. */
    importedAt: instant.nullable(),
    importedBy: z.string().nullable(),
    /** Age of the last good state. */
    ageSeconds: z.int().nullable(),
    duties: z.int(),
    /** Duties are known up to here. */
    until: instant.nullable(),
    lastAttemptAt: instant.nullable(),
    /** Why the last attempt failed; the last good state stays in force. */
    failure: z.string().nullable(),
    failingSince: instant.nullable(),
  })
  .meta({ id: "RotaSource" });

export const listRotas = defineRoute({
  method: "get",
  path: "/v1/rotas",
  operation: "listRotas",
  tag: "calendar",
  summary: "Imported and subscribed rotas: how old they are, how far they reach, and why they fail",
  permission: "deployment.read",
  answers: { 200: z.strictObject({ items: z.array(rotaSource) }) },
});

export const swapShift = defineRoute({
  method: "post",
  path: "/v1/rotas/:team/swaps",
  operation: "swapShift",
  tag: "calendar",
  summary: "Somebody steps in, is away, or takes another's place; open bookings are judged again",
  permission: "cover.change",
  params: z.strictObject({ team: entityName }),
  body: z.strictObject({
    person: person.nullable().default(null),
    replaces: person.nullable().default(null),
    from: givenInstant,
    to: givenInstant,
    reason: z.string().min(1).max(2000),
  }),
  answers: { 200: coverChange },
  problems: ["no-such-team", "no-such-person", "bad-span", "names-nobody"],
});

export const withdrawSwap = defineRoute({
  method: "post",
  path: "/v1/rota-swaps/:swap/withdraw",
  operation: "withdrawSwap",
  tag: "calendar",
  summary: "Take a swap back; whose booking loses its cover is told",
  permission: "cover.change",
  params: z.strictObject({
    swap: z.string().regex(/^swp_[0-9a-f]{32}$/, "the id of a swap: swp_ and 32 hexadecimal digits"),
  }),
  body: z.strictObject({ reason: z.string().min(1).max(2000) }),
  answers: { 200: coverChange },
  problems: ["no-such-swap"],
});
