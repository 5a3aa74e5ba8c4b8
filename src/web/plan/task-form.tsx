import { useState, type ReactElement, type SubmitEvent } from "react";
import { Button, NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { useNow } from "#web/runtime/clock.ts";
import { CommandLine, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import type { RunStep } from "./run.ts";
import { lateSentence, readForm, type FormField, type Typed } from "./task.ts";
import { useAnswer } from "./use-answer.ts";

/** As long as the contract allows. */
const maxText = 2000;

interface TaskStep extends Pick<RunStep, "part" | "name" | "deadline" | "does"> {
  readonly task: Pick<NonNullable<RunStep["task"]>, "who" | "form" | "whenLate" | "signature" | "attachments"> | null;
}

interface TaskProps {
  readonly run: string;
  readonly step: TaskStep;
}

/** A step that asks this person: what to do, what to state, until when, and what happens otherwise. */
export function TaskForm({ run, step }: TaskProps): ReactElement {
  if (step.task?.attachments !== "required") return <AnswerForm run={run} step={step} />;
  return (
    <div className="stack task-form">
      <Instruction step={step} />
      <p>It asks for a file as evidence. Answer it from a terminal, where the file is:</p>
      <CommandLine command={`tidegate run answer ${run} ${step.name} --done --note TEXT --attach FILE`} />
    </div>
  );
}

function AnswerForm({ run, step }: TaskProps): ReactElement {
  const [outcome, setOutcome] = useState<Outcome>("done");
  const [typed, setTyped] = useState<Typed>({});
  const [note, setNote] = useState("");
  const [token, setToken] = useState("");
  const [isChecked, setIsChecked] = useState(false);
  const { form: fields = [], signature: isSigned = false } = step.task ?? {};
  const read = outcome === "done" ? readForm(fields, typed) : { form: {}, problems: {} };
  const send = useAnswer(run);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setIsChecked(true);
    if (Object.keys(read.problems).length > 0 || note.trim() === "" || (isSigned && token === "")) return;
    const { part, name } = step;
    const signedWith = isSigned ? token.trim() : null;
    send.mutate({ part, step: name, outcome, note: note.trim(), form: read.form, token: signedWith });
  };
  return (
    <form className="stack task-form" onSubmit={submit} noValidate aria-label={`Answer ${step.name}`}>
      <Instruction step={step} />
      {outcome === "done" && (
        <Fields fields={fields} typed={typed} problems={isChecked ? read.problems : {}} onChange={setTyped} />
      )}
      <OutcomeChoice outcome={outcome} onChange={setOutcome} />
      <NoteField value={note} isChecked={isChecked} onChange={setNote} />
      {isSigned && <TokenField value={token} isChecked={isChecked} onChange={setToken} />}
      {send.error !== null && <ErrorNote error={send.error} />}
      <div>
        <Button type="submit" loading={send.isPending} color={outcome === "failed" ? "red" : "tide"}>
          {outcome === "failed" ? "Answer and turn back" : isSigned ? "Sign and answer" : "Answer"}
        </Button>
      </div>
    </form>
  );
}

interface TextProps {
  readonly value: string;
  readonly isChecked: boolean;
  readonly onChange: (text: string) => void;
}

function NoteField({ value, isChecked, onChange }: TextProps): ReactElement {
  return (
    <Textarea
      label="Note"
      description="What you did or saw; it goes on record under your name."
      rows={2}
      maxLength={maxText}
      value={value}
      error={isChecked && value.trim() === "" ? "Say it in a few words." : null}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

function TokenField({ value, isChecked, onChange }: TextProps): ReactElement {
  return (
    <PasswordInput
      label="Your token, as a signature"
      description="It shows once more that it is you, for exactly this answer; it is not kept."
      autoComplete="off"
      value={value}
      error={isChecked && value === "" ? "This answer has to be signed." : null}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
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

type Outcome = "done" | "failed";

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
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (typed: Typed) => void;
}

function Fields({ fields, typed, problems, onChange }: FieldsProps): ReactElement {
  return (
    <>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={typed[field.name] ?? ""}
          error={problems[field.name] ?? null}
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
