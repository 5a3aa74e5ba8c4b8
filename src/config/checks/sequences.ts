import semver from "semver";
import type { Located } from "#config/checks/check.ts";
import { loops } from "#config/checks/loops.ts";
import type { Document } from "#config/document.ts";
import { itemsOf, type Json, member } from "#config/json.ts";
import { releaseName } from "#config/kinds/sequence.ts";
import { matchesGlob } from "#core/catalog/scope.ts";

/** One release of one sequence. */
interface Entry {
  readonly id: string;
  readonly document: Document;
  readonly place: number;
  readonly name: string;
  readonly service: string;
  readonly versions: string | null;
  readonly after: readonly string[];
}

/**
 * Orders that contradict each other: within a sequence, and between sequences that hold in one environment, where a
 * release of one is a release of another when it is of the same service and their ranges have a version in common.
 */
export function sequenceCycles(
  sequences: ReadonlyMap<string, Document>,
  environments: readonly string[],
): readonly Located[] {
  const documents = [...sequences.values()];
  const entries = documents.flatMap(entriesOf);
  const places = new Map(documents.map((document) => [document, environmentsOf(document, environments)]));
  const doMeet = (a: Document, b: Document): boolean =>
    a === b || [...(places.get(a) ?? [])].some((name) => places.get(b)?.has(name) === true);
  const isAlike = (a: Entry, b: Entry): boolean =>
    a === b || (a.document !== b.document && doMeet(a.document, b.document) && haveCommon(a, b));
  const ofService = Map.groupBy(entries, ({ service }) => service);
  const inDocument = Map.groupBy(entries, ({ document }) => document);
  const edges = new Map(
    entries.map(({ id, document, after }) => {
      const before = (inDocument.get(document) ?? []).filter(({ name }) => after.includes(name));
      const alike = before.flatMap((each) => (ofService.get(each.service) ?? []).filter((one) => isAlike(each, one)));
      return [id, [...new Set(alike)].map((one) => one.id)];
    }),
  );
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  return loops(edges).flatMap(({ circle }): readonly Located[] => {
    const [first] = circle.flatMap((id) => byId.get(id) ?? []);
    if (first === undefined) return [];
    const shown = [...circle, first.id].flatMap((id) => byId.get(id) ?? []).map(say);
    const message = `Releases come after each other in a circle: ${shown.join(" → ")}.`;
    const remedy = "Remove one of these entries: nothing of the circle could ever begin.";
    const at = ["spec", "releases", first.place, "after"];
    return [{ document: first.document, problem: { at, code: "sequence-cycle", message, remedy } }];
  });
}

/** Only where the order may hold; with no environment declared, everywhere as one. */
function environmentsOf({ spec }: Document, environments: readonly string[]): ReadonlySet<string> {
  const globs = textsIn(member(spec, "environments"));
  return environments.length === 0
    ? new Set([""])
    : new Set(environments.filter((name) => globs.some((glob) => matchesGlob(glob, name))));
}

function entriesOf(document: Document): readonly Entry[] {
  return itemsOf(member(document.spec, "releases")).flatMap((item, place): readonly Entry[] => {
    const name = releaseName(item);
    const service = member(item, "service");
    if (name === null || typeof service !== "string") return [];
    const range = member(item, "versions");
    const versions = typeof range === "string" ? range : null;
    const id = JSON.stringify([document.name, name, place]);
    return [{ id, document, place, name, service, versions, after: textsIn(member(item, "after")) }];
  });
}

function textsIn(list: Json | undefined): readonly string[] {
  return itemsOf(list).flatMap((item) => (typeof item === "string" ? [item] : []));
}

/** Ranges that cannot be read are reported where they stand. */
function haveCommon({ versions: a }: Entry, { versions: b }: Entry): boolean {
  if (a === null || b === null) return true;
  return semver.validRange(a) !== null && semver.validRange(b) !== null && semver.intersects(a, b);
}

function say({ document, name, service }: Entry): string {
  return `${document.name}/${name}${name === service ? "" : ` (${service})`}`;
}
