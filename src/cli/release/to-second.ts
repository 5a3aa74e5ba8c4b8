/** An instant of the server for a table, where parts of a second only take room; JSON has them. */
export function toSecond(instant: string): string {
  return instant.replace(/\.\d+Z$/, "Z");
}
