import { useState, type ReactElement, type SubmitEvent } from "react";
import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Panel } from "#web/ui/page.tsx";
import { ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { eventLook, stepAnchor, type Run, type RunEvent } from "./run.ts";

/** As long as the contract allows. */
const maxText = 2000;
/** More lines are unfolded. */
const shown = 30;

/** What happened, the newest first, and the field for what people add to it. */
export function RunTimeline({ run }: { readonly run: Run }): ReactElement {
  const [isWhole, setIsWhole] = useState(false);
  const events = run.timeline.toReversed();
  const mayNote = run.actions.some(({ name, allowed }) => name === "note" && allowed);
  return (
    <Panel title="Timeline" side="Newest first">
      {mayNote && <NoteForm run={run.id} />}
      <ol className="run-events" aria-label="What happened">
        {(isWhole ? events : events.slice(0, shown)).map((event, index) => (
          <EventLine key={`${event.at} ${events.length - index}`} event={event} />
        ))}
      </ol>
      {!isWhole && events.length > shown && (
        <button type="button" className="link-button" onClick={() => setIsWhole(true)}>
          Show all {events.length}
        </button>
      )}
    </Panel>
  );
}

function EventLine({ event }: { readonly event: RunEvent }): ReactElement {
  const now = useNow(5000);
  const look = eventLook(event.kind);
  return (
    <li className={`run-event tone-${look.tone} kind-${event.kind}`}>
      <span className="run-event-icon">
        <Icon name={look.icon} />
      </span>
      <span className="run-event-text">
        <span className="run-event-kind">{look.label}</span>
        {event.by !== null && <strong> {event.by}</strong>}
        {event.step !== null && (
          <>
            {" "}
            <a href={`#${stepAnchor(event.step)}`}>{event.step.name}</a>
          </>
        )}
        : {event.sentence}
      </span>
      <span className="small dim">
        <TimeText at={event.at} now={now} />
      </span>
    </li>
  );
}

function NoteForm({ run }: { readonly run: string }): ReactElement {
  const queries = useQueryClient();
  const [kind, setKind] = useState<"issue" | "decision">("issue");
  const [text, setText] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const add = useMutation({
    mutationFn: () => answered(api.noteOnRun({ params: { id: run }, body: { kind, text: text.trim() } })),
    onSuccess: async () => {
      setText("");
      await queries.invalidateQueries({ queryKey: ["run", run] });
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setIsMissing(text.trim() === "");
    if (text.trim() !== "") add.mutate();
  };
  return (
    <form className="run-note" onSubmit={submit} noValidate aria-label="Note on this run">
      <NativeSelect
        label="Note an"
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value === "decision" ? "decision" : "issue")}
        data={[
          { value: "issue", label: "Issue" },
          { value: "decision", label: "Decision" },
        ]}
      />
      <Textarea
        label="What everybody should know"
        description="It stays on the record under your name; nobody can change it."
        rows={1}
        autosize
        maxRows={6}
        maxLength={maxText}
        value={text}
        error={isMissing && text.trim() === "" ? "Say it in a few words." : null}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={add.isPending}>
        Note it
      </Button>
      {add.error !== null && <ErrorNote error={add.error} />}
    </form>
  );
}
