/** Longer names are compared by their beginning only, so that the work per name is bounded. */
export const maxComparedLength = 64;
export const maxNearestNames = 3;

/**
 * The names most like the one that was not found, best first, at most `maxNearestNames`; only those that need few
 * enough edits to be a likely slip. Case does not count.
 */
export function nearestNames(name: string, known: Iterable<string>): readonly string[] {
  const wanted = name.toLowerCase().slice(0, maxComparedLength);
  const limit = Math.max(2, Math.floor(wanted.length / 3));
  const found: { readonly name: string; readonly distance: number }[] = [];
  for (const candidate of known) {
    const text = candidate.toLowerCase().slice(0, maxComparedLength);
    if (Math.abs(text.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, text);
    if (distance <= limit) found.push({ name: candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return found.slice(0, maxNearestNames).map((entry) => entry.name);
}

/** Insertions, deletions and replacements of one character that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
