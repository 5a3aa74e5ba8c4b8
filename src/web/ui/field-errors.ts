import { z } from "zod";
import { complaintOf, RefusedError } from "#web/api.ts";

/** A refusal, taken apart for a form: what concerns a field stands at the field. */
export interface FieldErrors {
  readonly at: (field: string) => string | null;
  /** What concerns no field of the form; null when everything stands at one. */
  readonly rest: unknown;
  /** True when something stands at a field. */
  readonly hasSome: boolean;
}

const problem = z.object({ path: z.string(), message: z.string() });

/**
 * `fields` names the field that a problem code is about, or decides by the sentence. Problems of single values carry
 * their own place (`body.until`).
 */
export function fieldErrors(
  error: unknown,
  fields: Readonly<Record<string, string | ((detail: string) => string | null)>>,
): FieldErrors {
  const found = new Map<string, string>();
  if (error instanceof RefusedError) {
    const { code, detail, problems } = error.problem;
    const named = fields[code];
    const field = typeof named === "function" ? named(detail) : named;
    if (field !== undefined && field !== null) found.set(field, complaintOf(error).detail || error.problem.title);
    for (const { path, message } of placesIn(problems)) {
      const [, top] = /^body\.([A-Za-z]+)/.exec(path) ?? [];
      if (top !== undefined && !found.has(top)) found.set(top, `${message.replace(/\.$/, "")}.`);
    }
  }
  return { at: (field) => found.get(field) ?? null, rest: found.size === 0 ? error : null, hasSome: found.size > 0 };
}

function placesIn(problems: readonly unknown[] | undefined): readonly z.infer<typeof problem>[] {
  return (problems ?? []).flatMap((one) => {
    const read = problem.safeParse(one);
    return read.success ? [read.data] : [];
  });
}
