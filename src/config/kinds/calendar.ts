import { z } from "zod";
import { durationField, listField, nameField, textField, zoneField } from "#config/fields.ts";
import { isJsonObject, type Json, type JsonObject, member, type Path } from "#config/json.ts";
import { defineKind } from "#config/kind.ts";
import { checked } from "#config/local-rule.ts";
import type { FieldProblem } from "#config/problem.ts";
import { referenceAt } from "#config/references.ts";
import { scopeField, toScope } from "#config/scope-field.ts";
import { readDuration } from "#config/time.ts";
import { type BusinessCalendar, type CalendarSource, eventEffects } from "#core/calendar/business/business-calendar.ts";
import { freezeStrengths } from "#core/calendar/freeze.ts";
import { roles } from "#core/catalog/people.ts";
import { elapsedMs } from "#core/policy/say.ts";

/** A calendar inside the configuration is for a handful of events; a longer one is imported. */
const maxInlineChars = 256 * 1024;

export const defaultRefresh = Temporal.Duration.from({ minutes: 15 });
/** Asking more often is rude to whoever publishes it; less often, and a new event comes too late. */
const refreshMs = { least: 60_000, most: 86_400_000 } as const;

export const refreshField = durationField(
  "How often the address is asked, one minute to one day. PT15M when left out.",
).optional();

const globs = (description: string) =>
  z
    .array(textField("Glob: `*` is any run of characters, `?` is one character; case does not matter."))
    .min(1)
    .max(100)
    .optional()
    .meta({ description });

const effect = z.strictObject({
  match: z
    .strictObject({ categories: globs("CATEGORIES of the event; one is enough."), summary: globs("Its SUMMARY.") })
    .meta({ description: "Which events. Fields are ANDed, the globs of a field are ORed; `{}` is every event." }),
  effect: z.enum(eventEffects).meta({
    description:
      "`blackout` freezes the scope while the event lasts, `caution` adds a note to every verdict, `pull-forward` proposes earlier slots.",
  }),
  strength: z.enum(freezeStrengths).optional().meta({
    description: "Strength of the freeze that a blackout becomes. `hard` when left out.",
  }),
});

export const calendar = defineKind({
  kind: "Calendar",
  summary:
    "A calendar of the business or of somebody outside, as iCalendar: imported, subscribed to, or written here. Effects say what its events mean for changes.",
  example: `kind: Calendar
metadata: { name: campaigns }
spec:
  scope: { tags: [customer-facing] }
  zone: Europe/Berlin
  source: { url: https://calendars.example.org/campaigns.ics }
  refresh: PT15M
  effects:
    - { match: { categories: [campaign] }, effect: blackout, strength: hard }
    - { match: { summary: ["*advisory*"] }, effect: pull-forward }
    - { match: {}, effect: caution }
  owner: release-manager`,
  schema: z.strictObject({
    scope: scopeField,
    zone: zoneField,
    source: z
      .strictObject({
        file: textField("Where the file comes from that people or pipelines import.").optional(),
        url: textField("Address of an iCalendar feed, http or https.").optional(),
        inline: z.string().min(1).max(maxInlineChars).optional().meta({ description: "The iCalendar text itself." }),
      })
      .meta({ description: "Exactly one of `file`, `url` and `inline`." }),
    refresh: refreshField,
    untilRead: z.enum(["closed", "open"]).optional().meta({
      description:
        "Before the first reading nobody knows what the events stop: `closed`, when left out, closes the scope until then if an effect is `blackout`; `open` does not.",
    }),
    effects: listField(effect, "What events do; the first that matches decides, none means no effect."),
    owner: nameField("Team, person, unit or role that answers for the events."),
  }),
  references: (spec) =>
    referenceAt(spec, "owner", ["Team", "Person", "Unit"]).map(
      (reference) => ({ ...reference, severity: "warning", also: roles }) as const,
    ),
  whyMandatory: {
    zone: "Days, and times without a zone, are read in it; there is no default zone.",
    owner: "Whoever is stopped by an event must know whom to ask.",
  },
  check: (spec) => [...sourceProblems(spec), ...refreshProblems(spec)],
  toDomain: (name, spec): BusinessCalendar => ({
    name,
    scope: toScope(spec.scope),
    zone: spec.zone,
    source: toSource(spec.source),
    refresh: spec.refresh === undefined ? defaultRefresh : checked(readDuration(spec.refresh)),
    effects: (spec.effects ?? []).map(({ match, effect: does, strength }) => ({
      match: {
        ...(match.categories === undefined ? {} : { categories: match.categories }),
        ...(match.summary === undefined ? {} : { summary: match.summary }),
      },
      effect: does,
      strength: strength ?? "hard",
    })),
    untilRead: spec.untilRead ?? "closed",
    owner: spec.owner,
  }),
});

interface SourceSpec {
  readonly file?: string | undefined;
  readonly url?: string | undefined;
  readonly inline?: string | undefined;
}

function toSource({ file, url, inline }: SourceSpec): CalendarSource {
  if (url !== undefined) return { kind: "url", url };
  if (inline !== undefined) return { kind: "inline", text: inline };
  return { kind: "file", name: file ?? "" };
}

function sourceProblems(spec: JsonObject): readonly FieldProblem[] {
  const source = member(spec, "source");
  if (source === undefined || !isJsonObject(source)) return [];
  const at = ["spec", "source"];
  const remedy = "Name exactly one of file, url and inline.";
  const given = ["file", "url", "inline"].filter((name) => member(source, name) !== undefined);
  if (given.length !== 1) {
    const message = given.length === 0 ? "The source is empty." : `The source has ${given.join(" and ")}.`;
    return [{ at, code: "bad-value", message, remedy }];
  }
  return addressProblems(member(source, "url"), [...at, "url"]);
}

/** An address that a server reads: http or https, and nothing secret in it. */
export function addressProblems(url: Json | undefined, at: Path): readonly FieldProblem[] {
  if (typeof url !== "string" || /^https?:\/\/[^/\\@\s]+(\/\S*)?$/i.test(url)) return [];
  const message = "The address is not http or https, or it holds credentials.";
  return [{ at, code: "bad-value", message, remedy: "Write https://host/path." }];
}

/** How often an address is asked, within what is polite and useful. */
export function refreshProblems(spec: JsonObject): readonly FieldProblem[] {
  const text = member(spec, "refresh");
  const read = typeof text === "string" ? readDuration(text) : null;
  if (read === null || !read.ok) return [];
  const ms = elapsedMs(read.value);
  if (ms >= refreshMs.least && ms <= refreshMs.most) return [];
  const message = "refresh is shorter than a minute or longer than a day.";
  return [{ at: ["spec", "refresh"], code: "out-of-range", message, remedy: "Use PT1M to P1D, such as PT15M." }];
}
