/** Words of PromQL that stand where a metric could; behind the first kind comes a list of labels. */
const labelLists = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
const words = new Set(["and", "or", "unless", "bool", "offset", "inf", "nan", "start", "end", "atan2"]);

/** A query that is asked needs no more. */
const maxSelectors = 10;

/**
 * The vector selectors of a query, without ranges: `m{l="x"}` of `rate(m{l="x"}[1m])`. Prometheus repeats the last value of a
 * series for minutes, and a range reaches back further still; only the times of what a query reads tell how old it is.
 */
export function selectorsOf(query: string): readonly string[] {
  const found = new Set<string>();
  let at = 0;
  while (at < query.length && found.size < maxSelectors) {
    const rest = query.slice(at);
    const skipped = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|#[^\n]*|\[[^\]]*\]|\d[\w.]*)/.exec(rest)?.[0];
    const name = skipped === undefined ? (/^[A-Za-z_:][\w:]*/.exec(rest)?.[0] ?? "") : "";
    if (skipped !== undefined) at += skipped.length;
    else if (name === "" && !rest.startsWith("{")) at += 1;
    else at += takeName(rest, name, found);
  }
  return [...found];
}

/** How far it reads. */
function takeName(rest: string, name: string, found: Set<string>): number {
  const behind = rest.slice(name.length);
  const space = /^\s*/.exec(behind)?.[0].length ?? 0;
  const next = behind[space];
  if (next === "{") {
    const matchers =
      /^\{(?:[^"'`}]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*\}/.exec(behind.slice(space))?.[0] ?? "{";
    if (matchers !== "{") found.add(`${name}${matchers}`);
    return name.length + space + matchers.length;
  }
  const lower = name.toLowerCase();
  if (labelLists.has(lower)) return name.length + (/^\s*\([^)]*\)/.exec(behind)?.[0].length ?? 0);
  const isFunction = next === "(" || /^\s*(?:by|without)\b/i.test(behind);
  if (!isFunction && !words.has(lower)) found.add(name);
  return name.length;
}
