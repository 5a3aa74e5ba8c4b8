/** What the store cannot hold as text is written as an escape in JSON: U+0000, and one half of a character. */
const suspicious = /\\u(?:0000|d[89a-f])/i;

/** JSON of a foreign system, without what no text of ours may hold; throws a SyntaxError for what is no JSON. */
export function parseForeignJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return suspicious.test(text) ? cleaned(value) : value;
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleaned(inner)]));
}

function cleanText(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}
