import { documentId, placeProblem, type Document } from "#config/document.ts";
import { canonicalJson } from "#config/json.ts";
import { exportedOrigin } from "#config/encode.ts";
import { freeze } from "#config/kinds/freeze.ts";
import { window } from "#config/kinds/window.ts";
import { checkDocuments } from "#config/organisation.ts";
import { isError, sortProblems, type Problem } from "#config/problem.ts";
import { parseSources } from "#config/source.ts";
import { spansOf } from "#core/calendar/expand.ts";
import type { Freeze } from "#core/calendar/freeze.ts";
import { spansIn } from "#core/calendar/span-set.ts";
import { changesOf, type CalendarChanges } from "#core/calendar/timetable-change.ts";
import { lookAround, openingsShown, toOpening, type Opening } from "#core/calendar/timetable-view.ts";
import type { Window } from "#core/calendar/window.ts";
import { matchesGlob } from "#core/catalog/scope.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { ok, type Result } from "#core/result.ts";
import type { Span } from "#core/span.ts";
import { spanAsked, type AskedSpan, type CalendarSource } from "./timetable.ts";

export interface DraftView {
  readonly kind: "window" | "freeze";
  readonly name: string;
  readonly change: "added" | "changed" | "unchanged";
  readonly next: readonly { readonly zone: string; readonly spans: readonly Opening[] }[];
}

export interface PreviewView extends CalendarChanges {
  readonly problems: readonly Problem[];
  readonly between: Span;
  readonly drafts: readonly DraftView[];
}

export type PreviewCalendar = (
  draft: AskedSpan & { readonly text: string },
  now: Temporal.Instant,
) => Promise<Result<PreviewView, "bad-span">>;

/** The path under which problems of a draft are placed. */
const draftPath = "draft.yaml";
/** As far as verdicts look ahead. */
const previewDays = 60;

/** Reads a draft as `apply` would, in the midst of the documents in force, and says what would be different. */
export function makePreviewCalendar(source: Pick<CalendarSource, "inForce" | "documents">): PreviewCalendar {
  return async (draft, now) => {
    const asked = spanAsked(draft, now, previewDays);
    if (!asked.ok) return asked;
    const between = asked.value;
    const { documents, problems: unreadable } = parseSources([{ path: draftPath, text: draft.text }]);
    const known = await source.documents();
    const problems = sortProblems([...unreadable, ...problemsOf(documents, known)]);
    if (problems.some(isError)) {
      return ok({ problems, between, drafts: [], groups: [], compared: 0, leftOut: 0 });
    }
    const { organisation } = await source.inForce(between);
    const rules = documents.flatMap(decode);
    const drafts = rules.map((rule, index) => draftView(rule, documents[index], known, organisation, now));
    return ok({ problems, between, drafts, ...changesOf(organisation, merged(organisation, rules), between) });
  };
}

function problemsOf(drafts: readonly Document[], known: readonly Document[]): readonly Problem[] {
  const foreign = drafts.filter(({ kind }) => kind !== "Window" && kind !== "Freeze");
  if (foreign.length > 0) return foreign.map(foreignProblem);
  const replaced = new Set(drafts.map(documentId));
  const others = known.filter((document) => !replaced.has(documentId(document)));
  return checkDocuments([...others, ...drafts]).problems.filter(({ path }) => path === draftPath);
}

function foreignProblem(document: Document): Problem {
  const message = `A draft of the calendar holds windows and freezes; this is a ${document.kind}.`;
  const problem = {
    at: ["kind"],
    code: "kind-not-supported",
    message,
    remedy: "Write kind: Window or kind: Freeze; preview the rest with tidegate diff.",
  } as const;
  return placeProblem(document, problem, exportedOrigin);
}

type Rule = { readonly kind: "window"; readonly value: Window } | { readonly kind: "freeze"; readonly value: Freeze };

/** Documents that have been checked: exactly one rule each. */
function decode(document: Document): readonly Rule[] {
  if (document.kind === "Window") {
    const decoded = window.decode(document);
    return decoded.ok ? [{ kind: "window", value: decoded.value }] : [];
  }
  const decoded = freeze.decode(document);
  return decoded.ok ? [{ kind: "freeze", value: decoded.value }] : [];
}

function merged(organisation: Organisation, rules: readonly Rule[]): Organisation {
  const windows = rules.flatMap((rule) => (rule.kind === "window" ? [rule.value] : []));
  const freezes = rules.flatMap((rule) => (rule.kind === "freeze" ? [rule.value] : []));
  const without = <T extends { readonly name: string }>(all: readonly T[], drafts: readonly T[]): readonly T[] => [
    ...all.filter(({ name }) => drafts.every((draft) => draft.name !== name)),
    ...drafts,
  ];
  return {
    ...organisation,
    windows: without(organisation.windows, windows),
    freezes: without(organisation.freezes, freezes),
  };
}

function draftView(
  rule: Rule,
  document: Document | undefined,
  known: readonly Document[],
  organisation: Organisation,
  now: Temporal.Instant,
): DraftView {
  const before = known.find((one) => document !== undefined && documentId(one) === documentId(document));
  const isSame =
    before !== undefined && document !== undefined && canonicalJson(before.spec) === canonicalJson(document.spec);
  return {
    kind: rule.kind,
    name: rule.value.name,
    change: before === undefined ? "added" : isSame ? "unchanged" : "changed",
    next: zonesOf(rule.value, organisation).map((zone) => ({ zone, spans: nextSpans(rule, zone, now) })),
  };
}

/** Zones in which a preview lists the next times. */
const maxZones = 6;

function zonesOf({ rule, scope }: Window | Freeze, { environments }: Organisation): readonly string[] {
  if (rule.zone !== "target") return [rule.zone];
  const matches = [...environments.values()].filter(
    ({ name }) => scope.environments?.some((glob) => matchesGlob(glob, name)) ?? true,
  );
  return [...new Set(matches.map(({ zone }) => zone))].slice(0, maxZones);
}

function nextSpans({ kind, value }: Rule, zone: string, now: Temporal.Instant): readonly Opening[] {
  const between = lookAround(now);
  const spans = spansOf(kind, value.rule, zone, between);
  if (!spans.ok) return [];
  return spansIn(spans.value)
    .filter(({ to }) => Temporal.Instant.compare(to, now) > 0)
    .slice(0, openingsShown)
    .map((span) => toOpening(span, between));
}
