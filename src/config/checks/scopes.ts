import type { Located } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { itemsOf, member } from "#config/json.ts";
import { didYouMean } from "#config/nearest.ts";
import { matchesGlob } from "#core/catalog/scope.ts";

type ByKind = ReadonlyMap<string, ReadonlyMap<string, Document>>;

const scopedKinds = ["Window", "Freeze", "Calendar", "ApprovalRoute", "Strategy", "Criteria", "Policy"];

/** Searching a near name costs a comparison with every declared one; a flood of bad names gets no more suggestions. */
const maxSuggestions = 100;

interface Miss {
  readonly document: Document;
  readonly field: string;
  readonly index: number;
  readonly glob: string;
  readonly values: ReadonlySet<string>;
}

/** Scopes that name something which nothing declared can match: most likely a slip, and then a rule that never acts. */
export function emptyScopes(byKind: ByKind): readonly Located[] {
  const declared = declaredValues(byKind);
  const answers = new Map<string, boolean>();
  return scopedKinds
    .flatMap((kind) => [...(byKind.get(kind)?.values() ?? [])])
    .flatMap((document) => misses(document, declared, answers))
    .map(({ document, field, index, glob, values }, count) => {
      const at = ["spec", "scope", field, index];
      const message = `"${glob}" in ${field} matches nothing that is declared.`;
      const remedy = `Correct it, or remove it.${count < maxSuggestions ? didYouMean(glob, values) : ""}`;
      return { document, problem: { severity: "warning", at, code: "matches-nothing", message, remedy } };
    });
}

function misses(
  document: Document,
  declared: ReadonlyMap<string, ReadonlySet<string>>,
  answers: Map<string, boolean>,
): readonly Miss[] {
  const scope = member(document.spec, "scope");
  const found: Miss[] = [];
  for (const [field, values] of declared) {
    for (const [index, glob] of itemsOf(member(scope, field)).entries()) {
      if (values.size === 0 || typeof glob !== "string" || glob.length > 128) continue;
      if (!matchesOne(field, glob, values, answers)) found.push({ document, field, index, glob, values });
    }
  }
  return found;
}

/** A scope is compared with every declared value once per distinct glob, however many rules use it. */
function matchesOne(field: string, glob: string, values: ReadonlySet<string>, answers: Map<string, boolean>): boolean {
  if (values.has(glob)) return true;
  if (!/[*?]/.test(glob)) return false;
  const key = `${field}\n${glob}`;
  const known = answers.get(key) ?? values.values().some((value) => matchesGlob(glob, value));
  answers.set(key, known);
  return known;
}

function declaredValues(byKind: ByKind): ReadonlyMap<string, ReadonlySet<string>> {
  const names = (kind: string): ReadonlySet<string> => new Set(byKind.get(kind)?.keys() ?? []);
  const valuesOf = (kind: string, field: string): ReadonlySet<string> => {
    const values = new Set<string>();
    for (const { spec } of byKind.get(kind)?.values() ?? []) {
      const value = member(spec, field);
      for (const item of typeof value === "string" ? [value] : itemsOf(value)) {
        if (typeof item === "string") values.add(item);
      }
    }
    return values;
  };
  return new Map([
    ["environments", names("Environment")],
    ["services", names("Service")],
    ["teams", names("Team")],
    ["units", names("Unit")],
    ["tags", valuesOf("Service", "tags")],
    ["dataClasses", valuesOf("Service", "dataClasses")],
    ["regions", valuesOf("Environment", "region")],
  ]);
}
