export interface DiffLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** Documents are short; beyond this many lines of either, everything is shown as replaced. */
export const maxLines = 1500;

/** The shortest way from one text to another, line by line: removed lines stand before those that take their place. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, next] = [before.split("\n"), after.split("\n")];
  if (old.length > maxLines || next.length > maxLines) {
    return [...old.map((text) => line("removed", text)), ...next.map((text) => line("added", text))];
  }
  const common = commonLengths(old, next);
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < next.length) {
    if (i < old.length && old[i] === next[j]) {
      lines.push(line("same", old[i] ?? ""));
      i += 1;
      j += 1;
    } else if (j >= next.length || (i < old.length && at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push(line("removed", old[i] ?? ""));
      i += 1;
    } else {
      lines.push(line("added", next[j] ?? ""));
      j += 1;
    }
  }
  return lines;
}

function line(kind: DiffLine["kind"], text: string): DiffLine {
  return { kind, text };
}

/** Length of the longest common part of what follows from each pair of places. */
function commonLengths(old: readonly string[], next: readonly string[]): readonly (readonly number[])[] {
  const rows = Array.from({ length: old.length + 1 }, () => Array.from({ length: next.length + 1 }, () => 0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = rows[i];
    if (row === undefined) continue;
    for (let j = next.length - 1; j >= 0; j -= 1) {
      row[j] = old[i] === next[j] ? at(rows, i + 1, j + 1) + 1 : Math.max(at(rows, i + 1, j), at(rows, i, j + 1));
    }
  }
  return rows;
}

function at(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
