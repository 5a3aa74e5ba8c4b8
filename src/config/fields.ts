import semver from "semver";
import { z } from "zod";
import { limits } from "#config/limits.ts";
import { shorten } from "#config/plain.ts";
import { readDuration, readInstant, readLocalDateTime } from "#config/time.ts";
import type { ValueProblem } from "#config/value-problem.ts";
import { zoneProblem } from "#config/zones.ts";
import type { Result } from "#core/result.ts";

/** A text with a grammar of its own. The check sees only texts of a bounded length. */
export function checkedText(
  check: (text: string) => ValueProblem | null,
  meta: { readonly description: string; readonly examples?: string[]; readonly pattern?: string },
): z.ZodString {
  return z
    .string()
    .superRefine((text, context) => {
      const problem = text.length > limits.textLength ? tooLong : check(text);
      if (problem !== null) context.addIssue({ code: "custom", message: problem.message, params: { ...problem } });
    })
    .meta(meta);
}

const tooLong: ValueProblem = {
  code: "out-of-range",
  message: `The text is longer than ${limits.textLength} characters.`,
  remedy: "Shorten it.",
};

/** Turns a reader that returns a value or a problem into a check. */
function readable(read: (text: string) => Result<unknown, ValueProblem>): (text: string) => ValueProblem | null {
  return (text) => {
    const result = read(text);
    return result.ok ? null : result.error;
  };
}

export function nameField(description: string): z.ZodString {
  return z.string().min(1).max(limits.nameLength).meta({ description });
}

export function textField(description: string): z.ZodString {
  return z.string().min(1).max(limits.textLength).meta({ description });
}

/** A list that may be left out; then it is empty. */
export function listField<T extends z.ZodType>(item: T, description: string): z.ZodOptional<z.ZodArray<T>> {
  return z.array(item).max(limits.listLength).optional().meta({ description });
}

/** Tags, data classes and regions: words that the globs of scopes can match. They are not identities, so case is free. */
export const labelField = checkedText(
  (text) =>
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text)
      ? null
      : {
          code: "bad-name",
          message: `"${shorten(text)}" is not a word.`,
          remedy: 'Use letters, digits, "-", "." or "_".',
        },
  { description: "A word of letters, digits, `-`, `.` and `_`." },
);

export const zoneField = checkedText((text) => zoneProblem(text, "named"), {
  description: "IANA zone name.",
  examples: ["Europe/Berlin"],
});

export const ruleZoneField = checkedText((text) => zoneProblem(text, "named-or-target"), {
  description: "IANA zone name, or `target`: the zone of the environment that is judged. There is no default zone.",
  examples: ["Europe/Berlin", "target"],
});

export const localDateTimeField = (description: string): z.ZodString =>
  checkedText(readable(readLocalDateTime), { description, examples: ["2026-01-03T01:00"] });

export const instantField = (description: string): z.ZodString =>
  checkedText(readable(readInstant), { description, examples: ["2026-01-10T00:00:00Z"] });

export const durationField = (description: string): z.ZodString =>
  checkedText(readable(readDuration), { description, examples: ["PT4H"] });

export const versionField = checkedText(
  (text) =>
    /^[\w.+~-]{1,128}$/.test(text)
      ? null
      : {
          code: "bad-version",
          message: `"${shorten(text)}" is not a version.`,
          remedy: "Use letters, digits, dots, + and -.",
        },
  { description: "Version of a service, as text.", examples: ["5.0.1"] },
);

export const versionRangeField = checkedText(
  (text) =>
    semver.validRange(text) === null
      ? {
          code: "bad-range",
          message: `"${shorten(text)}" is not a range of semantic versions.`,
          remedy: 'Write a range such as ">=3.2", "^2.1.0" or "1.x || 2.x".',
        }
      : null,
  {
    description: "Range of semantic versions that the service can work with; any version when left out.",
    examples: [">=3.2"],
  },
);

export const contractField = checkedText(
  (text) =>
    /^\d{1,9}(\.\d{1,9}){0,2}$/.test(text)
      ? null
      : {
          code: "bad-version",
          message: `"${shorten(text)}" is not a contract version.`,
          remedy: 'Write it like "1", "1.2" or "1.2.0".',
        },
  {
    description:
      "Version of the interface that the service promises; mandatory for every service in a dependency cycle.",
    examples: ["1.2"],
  },
);
