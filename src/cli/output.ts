import { stringify } from "yaml";
import { usage } from "./exit.ts";

export const formats = ["table", "wide", "json", "yaml", "name", "jsonl"] as const;
export type Format = (typeof formats)[number];

/** One column of a table; `wide` columns show with `-o wide` only. */
export interface Column<T> {
  readonly title: string;
  readonly text: (row: T) => string;
  readonly wide?: boolean;
}

export function parseFormat(text: string): Format {
  const found = formats.find((format) => format === text);
  if (found === undefined) throw usage(`There is no output format "${text}". Known: ${formats.join(", ")}.`);
  return found;
}

/** A list in the format that was asked for, ending in a newline. */
export function renderList<T>(
  format: Format,
  rows: readonly T[],
  columns: readonly Column<T>[],
  nameOf: (row: T) => string,
): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(rows, null, 2)}\n`;
    case "jsonl":
      return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    case "yaml":
      return stringify(rows);
    case "name":
      return rows.map((row) => `${nameOf(row)}\n`).join("");
    case "table":
      return table(
        rows,
        columns.filter(({ wide }) => wide !== true),
      );
    case "wide":
      return table(rows, columns);
  }
}

/** One object; `plain` is its text for people. */
export function renderObject(format: Format, value: unknown, plain: () => string, name: string): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(value, null, 2)}\n`;
    case "jsonl":
      return `${JSON.stringify(value)}\n`;
    case "yaml":
      return stringify(value);
    case "name":
      return `${name}\n`;
    case "table":
    case "wide":
      return plain();
  }
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

function widthOf(text: string): number {
  return [...graphemes.segment(text)].length;
}

/** Columns two spaces apart, no borders; text of others cannot move the cursor. */
function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ text }) => printable(text(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => widthOf(line[index] ?? ""))));
  return cells
    .map((line) =>
      line
        .map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - widthOf(cell)))
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** Control characters become a visible mark: names and reasons are written by others. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "·");
}
