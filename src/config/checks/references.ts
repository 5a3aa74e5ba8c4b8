import type { Located } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import type { Reference } from "#config/kind.ts";
import { didYouMean } from "#config/nearest.ts";
import { shorten } from "#config/plain.ts";
import { kindNamed } from "#config/registry.ts";

/**
 * Kinds that a folder may leave out altogether: without any Team, team names are taken as known. As soon as one is
 * declared, all must be, so that a slip is found.
 */
const mayBeLeftOut: ReadonlySet<string> = new Set(["Unit", "Team", "Person"]);

/** Searching a near name costs a comparison with every declared one; a flood of bad names gets no more suggestions. */
const maxSuggestions = 100;

type ByKind = ReadonlyMap<string, ReadonlyMap<string, Document>>;

/** Names that refer to nothing. */
export function danglingReferences(documents: readonly Document[], byKind: ByKind): readonly Located[] {
  const problems: Located[] = [];
  for (const document of documents) {
    for (const reference of kindNamed(document.kind)?.references(document.spec) ?? []) {
      if (isDeclared(reference, byKind)) continue;
      const suggestion =
        problems.length < maxSuggestions ? didYouMean(reference.name, candidates(reference, byKind)) : "";
      problems.push({ document, problem: dangling(reference, suggestion) });
    }
  }
  return problems;
}

function isDeclared({ to, name, also }: Reference, byKind: ByKind): boolean {
  if (also?.includes(name) === true) return true;
  return to.some((kind) => {
    const declared = byKind.get(kind);
    return declared === undefined ? mayBeLeftOut.has(kind) : declared.has(name);
  });
}

function candidates({ to, also }: Reference, byKind: ByKind): readonly string[] {
  return [...to.flatMap((kind) => [...(byKind.get(kind)?.keys() ?? [])]), ...(also ?? [])];
}

function dangling({ at, name, to, severity, also }: Reference, suggestion: string): Located["problem"] {
  const wanted = [...to, ...(also === undefined ? [] : ["role"])].join(" or ");
  return {
    severity: severity ?? "error",
    at,
    code: "unknown-reference",
    message: `No ${wanted} named "${shorten(name)}" is declared.`,
    remedy: `Declare it or correct the name.${suggestion}`,
  };
}
