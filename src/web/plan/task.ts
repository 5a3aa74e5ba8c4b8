import { RefusedError } from "#web/api.ts";
import { fieldErrors, type FieldErrors } from "#web/ui/field-errors.ts";
import type { RunStep } from "./run.ts";

type Form = NonNullable<RunStep["task"]>["form"];
export type FormField = Form[number];
/** What was typed, by the names of the form. */
export type Typed = Readonly<Record<string, string>>;

export interface FormReading {
  readonly form: Record<string, string | number | boolean>;
  /** What is wrong at a field; the server has the last word. */
  readonly problems: Readonly<Record<string, string>>;
}

/** What was typed as the contract wants it; fields that may stay empty and do are left out. */
export function readForm(fields: Form, typed: Typed): FormReading {
  const form: Record<string, string | number | boolean> = {};
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const text = (typed[field.name] ?? "").trim();
    if (text === "") {
      if (field.required) problems[field.name] = "This is needed.";
      continue;
    }
    const value = valueOf(field, text);
    if (value === null) problems[field.name] = wants[field.type];
    else form[field.name] = value;
  }
  return { form, problems };
}

const wants: Readonly<Record<FormField["type"], string>> = {
  text: "This must be text.",
  number: "This must be a number, such as 12.5.",
  "yes-no": "Choose yes or no.",
  link: "This must begin with https:// or http://.",
};

function valueOf({ type }: FormField, text: string): string | number | boolean | null {
  switch (type) {
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : null;
    case "yes-no":
      return text === "yes" ? true : text === "no" ? false : null;
    case "link":
      return /^https?:\/\/\S+$/.test(text) ? text : null;
    case "text":
      return text;
  }
}

/** What becomes of the step when nobody answers. */
export function lateSentence(whenLate: "failed" | "skipped"): string {
  return whenLate === "failed"
    ? "Without an answer it counts as failed, and the run turns back."
    : "Without an answer it is skipped, and the run goes on.";
}

const atToken = {
  "bad-token": "token",
  "not-your-token": "token",
  "automation-may-not-sign": "token",
  "not-signed": "token",
};

/** What the server refused of an answer or a decision, at the fields `note`, `token`, `files` and those of the form. */
export function answerErrors(error: unknown): FieldErrors {
  const known = fieldErrors(error, atToken);
  if (!(error instanceof RefusedError) || error.problem.code !== "bad-answer") return known;
  const found = new Map<string, string>();
  for (const sentence of error.problem.problems ?? []) {
    if (typeof sentence !== "string") continue;
    // Sentences about a field begin with its name; all others are about the files.
    const [, name = "files"] = /^"([^"]+)" /.exec(sentence) ?? [];
    found.set(name, sentence);
  }
  if (found.size === 0) return known;
  return { at: (field) => found.get(field) ?? known.at(field), rest: null, hasSome: true };
}
