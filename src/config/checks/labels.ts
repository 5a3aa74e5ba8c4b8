import { type Located, whereIs } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { itemsOf, member, type Path } from "#config/json.ts";

type ByKind = ReadonlyMap<string, ReadonlyMap<string, Document>>;

interface Use {
  readonly document: Document;
  readonly at: Path;
  readonly label: string;
}

const labelled = [
  ["Service", "tags"],
  ["Service", "dataClasses"],
  ["Environment", "region"],
] as const;

/**
 * Labels that differ from another one of their field in case alone. A scope tells them apart, so a freeze on `financial`
 * passes by what says `Financial`, and nothing else would show it. The most used of them is taken to be meant.
 */
export function twinLabels(byKind: ByKind): readonly Located[] {
  return labelled.flatMap(([kind, field]) => {
    const uses = [...(byKind.get(kind)?.values() ?? [])].flatMap((document) => usesIn(document, field));
    return [...Map.groupBy(uses, ({ label }) => label.toLowerCase()).values()].flatMap(strangersIn);
  });
}

function usesIn(document: Document, field: string): readonly Use[] {
  const value = member(document.spec, field);
  const one: readonly Use[] = typeof value === "string" ? [{ document, at: ["spec", field], label: value }] : [];
  const some = itemsOf(value).flatMap((label, index): readonly Use[] =>
    typeof label === "string" ? [{ document, at: ["spec", field, index], label }] : [],
  );
  return [...one, ...some];
}

function strangersIn(alike: readonly Use[]): readonly Located[] {
  const spellings = [...Map.groupBy(alike, ({ label }) => label)];
  if (spellings.length < 2) return [];
  spellings.sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1));
  const [[usual, [first]] = ["", []]] = spellings;
  if (first === undefined) return [];
  return spellings.slice(1).flatMap(([label, uses]) =>
    uses.map(({ document, at }) => {
      const message = `"${label}" differs from "${usual}" at ${whereIs(first.document)} in case alone, and scopes tell them apart.`;
      const remedy = `Write "${usual}", or another word where something else is meant.`;
      return { document, problem: { severity: "warning", at, code: "twin-label", message, remedy } };
    }),
  );
}
