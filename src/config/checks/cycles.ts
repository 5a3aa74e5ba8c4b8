import type { Located } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { type Edges, loops } from "#config/checks/loops.ts";
import { itemsOf, member } from "#config/json.ts";

/** Names in one message; a longer circle is cut. */
const maxShown = 12;

type Named = ReadonlyMap<string, Document>;

/** Services that depend on each other in a circle can only be deployed one by one if each keeps a contract. */
export function serviceCycles(services: Named): readonly Located[] {
  return loops(edgesOf(services, "dependsOn", "service")).flatMap(({ members, circle }): Located[] => {
    const without = members.filter((name) => member(services.get(name)?.spec, "contract") === undefined);
    const first = circle.find((name) => without.includes(name)) ?? without[0];
    const document = first === undefined ? undefined : services.get(first);
    if (first === undefined || document === undefined) return [];
    const message = `Services depend on each other in a circle: ${show(circle)}. No contract is declared by ${list(without)}.`;
    const remedy = 'Add contract: "1.0" to each of them, or break the circle.';
    return [{ document, problem: { at: placeOf(document, circle, first), code: "dependency-cycle", message, remedy } }];
  });
}

function placeOf(document: Document, circle: readonly string[], name: string): readonly (string | number)[] {
  const next = circle[(circle.indexOf(name) + 1) % circle.length];
  const index = itemsOf(member(document.spec, "dependsOn")).findIndex((item) => member(item, "service") === next);
  return index < 0 ? ["spec", "dependsOn"] : ["spec", "dependsOn", index, "service"];
}

export function environmentCycles(environments: Named): readonly Located[] {
  return loops(edgesOf(environments, "after", null)).flatMap(({ circle }): Located[] => {
    const [first = ""] = circle;
    const document = environments.get(first);
    if (document === undefined) return [];
    const message = `Environments come after each other in a circle: ${show(circle)}.`;
    const remedy = "Remove one of these entries: nothing could ever be promoted into the circle.";
    return [{ document, problem: { at: ["spec", "after"], code: "environment-cycle", message, remedy } }];
  });
}

/** Edges between declared names only, read from the spec as it was written. */
function edgesOf(named: Named, field: string, inner: string | null): Edges {
  const edges = new Map<string, readonly string[]>();
  for (const [name, document] of named) {
    const targets = itemsOf(member(document.spec, field)).map((item) => (inner === null ? item : member(item, inner)));
    edges.set(name, targets.filter((target) => typeof target === "string" && named.has(target)).map(String));
  }
  return edges;
}

function show(circle: readonly string[]): string {
  const [first = ""] = circle;
  const shown = circle.slice(0, maxShown);
  return [...shown, ...(circle.length > maxShown ? ["…"] : []), first].join(" → ");
}

function list(names: readonly string[]): string {
  const more = names.length > maxShown ? ` and ${names.length - maxShown} more` : "";
  return names.slice(0, maxShown).join(", ") + more;
}
