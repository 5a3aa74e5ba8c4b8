import { useRef, useState, type ReactElement, type SubmitEvent } from "react";
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useNow } from "#web/runtime/clock.ts";
import { useFocusOnInvalid } from "#web/ui/focus-invalid.ts";
import { ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { maxText, NoteField, TokenField } from "./answer-fields.tsx";
import { whyNotKept, type ChosenFile } from "./chosen-files.ts";
import { FileField } from "./file-field.tsx";
import type { RunStep } from "./run.ts";
import { answerErrors, lateSentence, readForm, type FormField, type Typed } from "./task.ts";
import { useAnswer } from "./use-answer.ts";

interface TaskStep extends Pick<RunStep, "part" | "name" | "deadline" | "does"> {
  readonly task: Pick<NonNullable<RunStep["task"]>, "who" | "form" | "whenLate" | "signature" | "attachments"> | null;
}

interface TaskProps {
  readonly run: string;
  readonly step: TaskStep;
}

type Outcome = "done" | "failed";

interface Draft {
  readonly outcome: Outcome;
  readonly typed: Typed;
  readonly note: string;
  readonly files: readonly ChosenFile[];
  readonly token: string;
}

const emptyDraft: Draft = { outcome: "done", typed: {}, note: "", files: [], token: "" };

/** A step that asks this person: what to do, what to state, until when, and what happens otherwise. */
export function TaskForm({ run, step }: TaskProps): ReactElement {
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(emptyDraft);
  const [tries, setTries] = useState(0);
  const send = useAnswer(run);
  const { form: fields = [], signature: isSigned = false } = step.task ?? {};
  const { outcome, typed, note, files, token } = draft;
  const read = readForm(outcome === "done" ? fields : [], typed);
  const own = problemsOf(step.task, draft, read.problems);
  const refused = answerErrors(send.error);
  const at = (field: string): string | null => (tries === 0 ? undefined : own.get(field)) ?? refused.at(field);
  useFocusOnInvalid(form, tries);
  useFocusOnInvalid(form, refused.hasSome && !send.isPending);
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTries(tries + 1);
    if (own.size > 0) return;
    const given = { part: step.part, step: step.name, outcome, note: note.trim(), form: read.form };
    const kept = files.map(({ name, content }) => ({ name, content }));
    send.mutate({ ...given, attachments: kept, token: isSigned ? token.trim() : null });
  };
  return (
    <form ref={form} className="stack task-form" onSubmit={submit} noValidate aria-label={`Answer ${step.name}`}>
      <Instruction step={step} />
      {outcome === "done" && (
        <Fields fields={fields} typed={typed} errorAt={at} onChange={(next) => change({ typed: next })} />
      )}
      <OutcomeChoice outcome={outcome} onChange={(next) => change({ outcome: next })} />
      <Evidence task={step.task} draft={draft} errorAt={at} onChange={change} />
      {isSigned && <TokenField value={token} error={at("token")} onChange={(next) => change({ token: next })} />}
      {send.error !== null && refused.rest !== null && <ErrorNote error={refused.rest} />}
      <div>
        <Button type="submit" loading={send.isPending} color={outcome === "failed" ? "red" : "tide"}>
          {outcome === "failed" ? "Answer and turn back" : isSigned ? "Sign and answer" : "Answer"}
        </Button>
      </div>
    </form>
  );
}

interface EvidenceProps {
  readonly task: TaskStep["task"];
  readonly draft: Draft;
  readonly errorAt: (field: string) => string | null;
  readonly onChange: (part: Partial<Draft>) => void;
}

/** The note, and the files where the step takes some. */
function Evidence({ task, draft, errorAt, onChange }: EvidenceProps): ReactElement {
  const attachments = task?.attachments ?? "optional";
  return (
    <>
      <NoteField
        label="Note"
        description="What you did or saw; it goes on record under your name."
        value={draft.note}
        error={errorAt("note")}
        onChange={(note) => onChange({ note })}
      />
      {attachments !== "none" && (
        <FileField
          isRequired={attachments === "required" && draft.outcome === "done"}
          files={draft.files}
          error={errorAt("files")}
          onChange={(files) => onChange({ files })}
        />
      )}
    </>
  );
}

/** What is missing or wrong before anything is sent, by field. */
function problemsOf(
  task: TaskStep["task"],
  { outcome, note, files, token }: Draft,
  ofForm: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const found = new Map(Object.entries(ofForm));
  if (note.trim() === "") found.set("note", "Say it in a few words.");
  const isMissing = task?.attachments === "required" && outcome === "done" && files.length === 0;
  const ofFiles = isMissing ? "This asks for a file as evidence." : whyNotKept(files);
  if (ofFiles !== null) found.set("files", ofFiles);
  if (task?.signature === true && token.trim() === "") found.set("token", "This answer has to be signed.");
  return found;
}

function Instruction({ step }: { readonly step: TaskStep }): ReactElement {
  const now = useNow(1000);
  return (
    <>
      <p className="task-instruction">{step.does}</p>
      <p className="small dim">
        {step.deadline !== null && (
          <>
            Until <TimeText at={step.deadline} now={now} form="both" />.{" "}
          </>
        )}
        {lateSentence(step.task?.whenLate ?? "failed")} The answer is final.
      </p>
    </>
  );
}

function OutcomeChoice(props: {
  readonly outcome: Outcome;
  readonly onChange: (outcome: Outcome) => void;
}): ReactElement {
  return (
    <NativeSelect
      label="Outcome"
      value={props.outcome}
      onChange={(event) => props.onChange(event.currentTarget.value === "failed" ? "failed" : "done")}
      data={[
        { value: "done", label: "It is done" },
        { value: "failed", label: "It is not: turn the run back" },
      ]}
    />
  );
}

interface FieldsProps {
  readonly fields: readonly FormField[];
  readonly typed: Typed;
  readonly errorAt: (field: string) => string | null;
  readonly onChange: (typed: Typed) => void;
}

function Fields({ fields, typed, errorAt, onChange }: FieldsProps): ReactElement {
  return (
    <>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={typed[field.name] ?? ""}
          error={errorAt(field.name)}
          onChange={(value) => onChange({ ...typed, [field.name]: value })}
        />
      ))}
    </>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
}

function Field({ field, value, error, onChange }: FieldProps): ReactElement {
  const label = field.required ? field.label : `${field.label} (optional)`;
  if (field.type === "yes-no") {
    return (
      <NativeSelect
        label={label}
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[
          { value: "", label: "Choose…" },
          { value: "yes", label: "Yes" },
          { value: "no", label: "No" },
        ]}
      />
    );
  }
  return (
    <TextInput
      label={label}
      value={value}
      error={error}
      maxLength={maxText}
      inputMode={field.type === "number" ? "decimal" : field.type === "link" ? "url" : "text"}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
