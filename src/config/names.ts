import { limits } from "#config/limits.ts";
import type { Path } from "#config/json.ts";
import type { FieldProblem } from "#config/problem.ts";
import { shorten } from "#config/plain.ts";

/**
 * Names are the identity of things and stand in URLs, file names and lock keys: small letters, digits, `-`, `.` and
 * `_`, beginning and ending with a letter or a digit.
 */
export const namePattern = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;

/** What is wrong with a name, or null. */
export function nameProblem(name: string, at: Path): FieldProblem | null {
  if (name.length <= limits.nameLength && namePattern.test(name)) return null;
  return {
    at,
    code: "bad-name",
    message: `The name "${shorten(name)}" does not follow the rules for names.`,
    remedy: `Use 1 to ${limits.nameLength} small letters, digits, "-", "." or "_", with a letter or digit at both ends.`,
  };
}
