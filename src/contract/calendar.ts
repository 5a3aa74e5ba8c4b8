import { z } from "zod";
import { deploymentId, entityName, givenInstant, instant } from "#contract/common.ts";
import { configurationProblem } from "#contract/configuration.ts";
import { deploymentState } from "#contract/release.ts";
import { defineRoute } from "#contract/route.ts";

/** Half-open: `from` is inside, `to` is not. */
const span = z.strictObject({ from: instant, to: instant }).meta({ id: "CalendarSpan" });

/** null: the border lies outside of the 400 days that are looked at. */
const opening = z.strictObject({ from: instant.nullable(), to: instant.nullable() }).meta({ id: "Opening" });

const ruleKind = z.enum(["window", "freeze"]);
const strength = z.enum(["soft", "hard", "embargo"]);

const borderCause = z
  .strictObject({ kind: ruleKind, name: z.string(), edge: z.enum(["begins", "ends"]) })
  .meta({ id: "BorderCause" });

/** `local` is the border in the zone of the environment. No cause: a border of the range asked for. */
const border = z
  .strictObject({
    at: instant,
    local: z.string(),
    turns: z.enum(["open", "closed"]),
    causes: z.array(borderCause),
  })
  .meta({ id: "CalendarBorder" });

/** A rule that cannot be read; its scope is closed for as long as it stands. */
const fault = z
  .strictObject({ kind: ruleKind, name: z.string(), code: z.string(), message: z.string() })
  .meta({ id: "CalendarFault" });

const clockChange = z.strictObject({ at: instant, minutes: z.int(), sentence: z.string() }).meta({ id: "ClockChange" });

const narrowerRule = z.strictObject({ kind: ruleKind, name: z.string(), spans: z.array(span) });

export const timetable = z
  .strictObject({
    environment: z.string(),
    /** null: what holds for every service that no narrower rule names. */
    service: z.string().nullable(),
    zone: z.string(),
    since: instant,
    until: instant,
    /** False when no window matches and none is required: then only freezes close. */
    restricted: z.boolean(),
    open: z.array(span),
    borders: z.array(border),
    faults: z.array(fault),
    windows: z.array(z.strictObject({ name: z.string(), zone: z.string(), onClose: z.string(), spans: z.array(span) })),
    freezes: z.array(
      z.strictObject({
        name: z.string(),
        zone: z.string(),
        strength,
        owner: z.string(),
        reason: z.string(),
        spans: z.array(span),
      }),
    ),
    /** Rules of the environment that bind some of its services only. */
    narrower: z.array(narrowerRule),
    clockChanges: z.array(clockChange),
    /** The next five openings from now on; one in progress comes first. */
    next: z.array(opening),
  })
  .meta({ id: "Timetable" });
export type Timetable = z.infer<typeof timetable>;

export const readTimetable = defineRoute({
  method: "get",
  path: "/v1/calendar/timetable",
  operation: "readTimetable",
  tag: "calendar",
  summary: "When an environment is open, with the rules behind every border: the spans that verdicts are judged by",
  permission: "organisation.read",
  query: z.strictObject({
    environment: entityName,
    service: entityName.optional(),
    /** Freezes and windows may name classes and actions; the answer is about these. */
    class: z.enum(["standard", "normal", "emergency"]).default("normal"),
    action: z.enum(["deploy", "roll-back", "fix-forward", "config", "flag", "restart", "migrate"]).default("deploy"),
    since: givenInstant.optional(),
    until: givenInstant.optional(),
  }),
  answers: { 200: timetable },
  problems: ["no-such-environment", "no-such-service", "bad-span"],
});

export const calendarBooking = z
  .strictObject({
    id: deploymentId,
    service: z.string(),
    version: z.string(),
    environment: z.string(),
    state: deploymentState,
    from: instant,
    to: instant,
  })
  .meta({ id: "CalendarBooking" });

const lane = z
  .strictObject({
    /** Name of the environment or of the unit. */
    name: z.string(),
    environment: z.string(),
    unit: z.string().nullable(),
    zone: z.string(),
    restricted: z.boolean(),
    open: z.array(span),
    borders: z.array(border),
    freezes: z.array(z.strictObject({ name: z.string(), strength, reason: z.string(), spans: z.array(span) })),
    narrower: z.array(narrowerRule),
    faults: z.array(fault),
    clockChanges: z.array(clockChange),
    /** Business events that call for caution and close nothing, for some or all services of the lane. */
    cautions: z.array(
      z.strictObject({ name: z.string(), calendar: z.string(), summary: z.string(), from: instant, to: instant }),
    ),
    bookings: z.array(calendarBooking),
  })
  .meta({ id: "CalendarLane" });

export const calendarOverview = z
  .strictObject({
    since: instant,
    until: instant,
    lanes: z.array(lane),
    /** In the order of promotion. */
    environments: z.array(z.strictObject({ name: z.string(), zone: z.string(), protected: z.boolean() })),
    /** True when there are more bookings or lanes than are shown. */
    truncated: z.boolean(),
  })
  .meta({ id: "CalendarOverview" });
export type CalendarOverview = z.infer<typeof calendarOverview>;

export const readOverview = defineRoute({
  method: "get",
  path: "/v1/calendar/overview",
  operation: "readOverview",
  tag: "calendar",
  summary: "Openings, freezes and deployments side by side, a lane for each environment or each unit",
  permission: "organisation.read",
  query: z.strictObject({
    lanes: z.enum(["environment", "unit"]).default("environment"),
    /** With lanes by environment: only this one. With lanes by unit: the one looked at; the last of promotion if absent. */
    environment: entityName.optional(),
    service: entityName.optional(),
    since: givenInstant.optional(),
    until: givenInstant.optional(),
  }),
  answers: { 200: calendarOverview },
  problems: ["no-such-environment", "no-such-service", "bad-span"],
});

const changeGroup = z.strictObject({
  environment: z.string(),
  zone: z.string(),
  /** How many services it is the same for, and the first of them. */
  services: z.int(),
  named: z.array(z.string()),
  /** Time that becomes open and time that closes; the first spans of each, and how much in all. */
  opens: z.array(span),
  closes: z.array(span),
  openedMinutes: z.int(),
  closedMinutes: z.int(),
});

export const calendarPreview = z
  .strictObject({
    /** What is wrong with the draft; when there is an error, `drafts` is empty. */
    problems: z.array(configurationProblem.extend({ severity: z.enum(["error", "warning"]) })),
    since: instant,
    until: instant,
    drafts: z.array(
      z.strictObject({
        kind: ruleKind,
        name: z.string(),
        change: z.enum(["added", "changed", "unchanged"]),
        /** The next five openings of a window or the next five times of a freeze, by the zone they happen in. */
        next: z.array(z.strictObject({ zone: z.string(), spans: z.array(opening) })),
      }),
    ),
    effects: z.array(changeGroup),
    /** Services in environments that were compared, and how many there were beyond the limit. */
    compared: z.int(),
    leftOut: z.int(),
  })
  .meta({ id: "CalendarPreview" });
export type CalendarPreview = z.infer<typeof calendarPreview>;

export const previewCalendar = defineRoute({
  method: "post",
  path: "/v1/calendar/preview",
  operation: "previewCalendar",
  tag: "calendar",
  summary: "What a draft of windows and freezes would change; nothing is kept",
  permission: "organisation.read",
  body: z.strictObject({
    /** YAML; one or more documents of the kinds Window and Freeze. */
    text: z.string().max(32_000),
    since: givenInstant.optional(),
    until: givenInstant.optional(),
  }),
  answers: { 200: calendarPreview },
  problems: ["bad-span"],
  idempotent: false,
});

export const calendarLint = z
  .strictObject({
    revision: z.int().nullable(),
    since: instant,
    until: instant,
    /** Null: what was measured counts, and `assumedRun` where nothing was. */
    usualRun: z.string().nullable(),
    assumedRun: z.string(),
    decisionTime: z.string(),
    leastHours: z.number(),
    hints: z.array(
      z.strictObject({
        code: z.string(),
        kind: z.enum(["window", "freeze", "environment"]),
        name: z.string(),
        message: z.string(),
      }),
    ),
    checked: z.strictObject({
      windows: z.int(),
      freezes: z.int(),
      places: z.int(),
      placesLeftOut: z.int(),
      placesMeasured: z.int(),
      windowsWithUnknownApprovers: z.int(),
    }),
  })
  .meta({ id: "CalendarLint" });

export const lintCalendar = defineRoute({
  method: "get",
  path: "/v1/calendar/lint",
  operation: "lintCalendar",
  tag: "calendar",
  summary: "What is legal in the calendar in force and hardly meant",
  permission: "organisation.read",
  query: z.strictObject({
    /** The usual run in minutes: openings shorter than this are named. Left out: what was measured. */
    usualRun: z.coerce.number().int().min(1).max(10_080).optional(),
    /** Minutes before a window opens in which somebody may still approve. */
    decisionTime: z.coerce.number().int().min(0).max(10_080).default(60),
    /** Hours: a service with less open time than this in some month is named. */
    leastHours: z.coerce.number().min(0).max(744).default(8),
  }),
  answers: { 200: calendarLint },
});
