import { type Located, whereIs } from "#config/checks/check.ts";
import { type Document, documentId } from "#config/document.ts";
import { didYouMean } from "#config/nearest.ts";
import { kindNamed, kindNames, plannedKinds } from "#config/registry.ts";

/** Documents by kind and name. */
export interface Catalogued {
  readonly byKind: ReadonlyMap<string, ReadonlyMap<string, Document>>;
  /** Second and further documents of a name. */
  readonly repeated: readonly Document[];
  readonly problems: readonly Located[];
}

/** Sorts documents into their kinds. Of two with the same name the first counts, so that the rest can be checked. */
export function catalogue(documents: readonly Document[]): Catalogued {
  const byKind = new Map<string, Map<string, Document>>();
  const repeated: Document[] = [];
  const problems: Located[] = [];
  for (const document of documents) {
    if (kindNamed(document.kind) === undefined) {
      problems.push(unknownKind(document));
      continue;
    }
    const named = byKind.get(document.kind) ?? new Map<string, Document>();
    byKind.set(document.kind, named);
    const first = named.get(document.name);
    if (first === undefined) {
      named.set(document.name, document);
    } else {
      repeated.push(document);
      problems.push(duplicate(document, first));
    }
  }
  problems.push(...ambiguous(byKind.get("Service"), byKind.get("Vendor")));
  return { byKind, repeated, problems };
}

function unknownKind(document: Document): Located {
  const isPlanned = plannedKinds.some((kind) => kind === document.kind);
  const known = kindNames();
  return {
    document,
    problem: {
      at: ["kind"],
      code: isPlanned ? "kind-not-supported" : "unknown-kind",
      message: isPlanned
        ? `The kind ${document.kind} is not supported yet.`
        : `There is no kind "${document.kind.slice(0, 60)}".`,
      remedy: isPlanned
        ? "Remove the document: it would be ignored, and a rule that is ignored opens by accident."
        : `Use one of ${known.join(", ")}.${didYouMean(document.kind, known)}`,
    },
  };
}

function duplicate(document: Document, first: Document): Located {
  return {
    document,
    problem: {
      at: ["metadata", "name"],
      code: "duplicate-name",
      message: `${documentId(document)} is already declared at ${whereIs(first)}.`,
      remedy: "Rename one of them, or put both into one document.",
    },
  };
}

function ambiguous(
  services: ReadonlyMap<string, Document> | undefined,
  vendors: ReadonlyMap<string, Document> | undefined,
) {
  return [...(vendors?.values() ?? [])].flatMap((document): Located[] => {
    const other = services?.get(document.name);
    if (other === undefined) return [];
    const message = `The vendor ${document.name} has the name of the service at ${whereIs(other)}.`;
    const remedy = "Rename one of them: dependencies name both by name alone.";
    return [{ document, problem: { at: ["metadata", "name"], code: "ambiguous-name", message, remedy } }];
  });
}
