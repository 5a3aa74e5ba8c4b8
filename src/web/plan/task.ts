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
