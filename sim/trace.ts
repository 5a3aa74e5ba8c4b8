import { hash } from "node:crypto";

/* How a run of a seed is told: short names, the code of an error, and a digest over every turn. */

/** Ids by the order in which they come up: `run_018f…` is long and says nothing. */
export function shorten(text: string, names: Map<string, string>): string {
  return text.replaceAll(/\b([a-z]{3})_[0-9a-f]{32}\b/g, (id: string, kind: string) => {
    const known =
      names.get(id) ?? `${kind}-${[...names.values()].filter((name) => name.startsWith(`${kind}-`)).length + 1}`;
    names.set(id, known);
    return known;
  });
}

export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "?";
  return "code" in error ? String(error.code) : error.message.slice(0, 60);
}

export function isExpected(error: unknown): boolean {
  return error instanceof Error && !(error instanceof TypeError) && !(error instanceof ReferenceError);
}

export function hash256(): { readonly add: (line: string) => void; readonly end: () => string } {
  let state = "";
  return {
    add: (line) => {
      state = hash("sha256", `${state}\n${line}`, "hex");
    },
    end: () => state.slice(0, 16),
  };
}
