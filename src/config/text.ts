import type { Path } from "#config/json.ts";

/** One text with a name, and where its lines begin. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  /** Offsets of the first character of every line. */
  readonly lineStarts: readonly number[];
}

/** Where the values of a document stand in its text, beside the plain data. A number is the offset of a scalar. */
export type Places =
  | number
  | { readonly at: number; readonly fields: ReadonlyMap<string, PlacedField> }
  | { readonly at: number; readonly items: readonly Places[] };

export interface PlacedField {
  readonly keyAt: number;
  readonly value: Places;
}

export interface Place {
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
}

export function sourceText(path: string, text: string): SourceText {
  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  return { path, text, lineStarts };
}

/** Line and column (from 1) of an offset, and the excerpt of the line with a caret under it. */
export function placeAt(source: SourceText, offset: number): Place {
  const at = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  const lineStart = source.lineStarts[low] ?? 0;
  const nextLine = source.lineStarts[low + 1] ?? source.text.length + 1;
  return { line: low + 1, column: at - lineStart + 1, excerpt: excerptOf(source.text, lineStart, nextLine - 1, at) };
}

/** What fits on a terminal; a longer line is cut around the place. */
const excerptWidth = 100;

/** Looks only at what is shown: a hostile text is one line of a megabyte with a problem at every character. */
function excerptOf(text: string, lineStart: number, lineEnd: number, at: number): string {
  const isFar = at - lineStart > excerptWidth - 20;
  const from = isFar ? at - excerptWidth / 2 : lineStart;
  const shown = text
    .slice(from, Math.min(lineEnd, from + excerptWidth))
    .replace(/[\p{Cc}\p{Cs}]/gu, " ")
    .trimEnd();
  const lead = isFar ? "… " : "";
  return `${lead}${shown}\n${" ".repeat(lead.length + at - from)}^`;
}

/** Offset of the value at a path, or of the nearest thing above it that is there: its key when the path ends early. */
export function offsetOf(places: Places, path: Path, on: "key" | "value"): number {
  let here = places;
  let keyAt = offsetStart(places);
  for (const [index, step] of path.entries()) {
    if (typeof here === "number") return keyAt;
    if (typeof step === "number") {
      const item: Places | undefined = "items" in here ? here.items[step] : undefined;
      if (item === undefined) return keyAt;
      here = item;
      keyAt = offsetStart(item);
    } else {
      const field: PlacedField | undefined = "fields" in here ? here.fields.get(step) : undefined;
      if (field === undefined) return keyAt;
      if (on === "key" && index === path.length - 1) return field.keyAt;
      here = field.value;
      keyAt = field.keyAt;
    }
  }
  return offsetStart(here);
}

function offsetStart(places: Places): number {
  return typeof places === "number" ? places : places.at;
}
