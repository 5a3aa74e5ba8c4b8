import { useEffect, useId, useState, type ReactElement } from "react";
import type { CalendarPreview } from "#contract/calendar.ts";
import { viewerZone } from "#web/ui/time.ts";
import { Panel } from "#web/ui/page.tsx";
import { CommandLine, ErrorNote, Note } from "#web/ui/widgets.tsx";
import { spanOf } from "./days.ts";
import { OpeningList } from "./next-openings.tsx";
import { usePreview } from "./queries.ts";
import type { CalendarSearch } from "./search.ts";
import { minutesText, spanText } from "./words.ts";

/** A pause in typing that is worth an answer. */
const pauseMs = 350;

const template = `kind: Window
metadata: { name: prod-early }
spec:
  scope: { environments: ["prod-*"] }
  zone: target
  start: 2026-01-05T06:00
  rrule: FREQ=WEEKLY;BYDAY=TU,TH
  end: "08:00"
`;

/** A longer draft is not kept in the URL: some servers and chats cut longer ones. */
const maxDraftInUrl = 1500;

interface DraftProps {
  /** The draft of the URL; undefined: the example. */
  readonly draft: string | undefined;
  readonly onChange: (part: CalendarSearch) => void;
}

/** The text in the box, and the text of the last pause, which the URL keeps too. */
function useDraft({ draft, onChange }: DraftProps): {
  readonly text: string;
  readonly settled: string;
  readonly setText: (text: string) => void;
} {
  const [text, setText] = useState(draft ?? template);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(text);
      const kept = text === template || text.length > maxDraftInUrl ? undefined : text;
      if (kept !== draft) onChange({ text: kept });
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text, draft, onChange]);
  return { text, settled, setText };
}

/** A window or freeze as text, and at every pause what it would open and close. Nothing is kept. */
export function DraftPanel({ draft, onChange }: DraftProps): ReactElement {
  const id = useId();
  const { text, settled, setText } = useDraft({ draft, onChange });
  const { data, error } = usePreview(settled);
  return (
    <Panel
      title="Draft of a window or a freeze"
      side={
        <button type="button" className="link-button" onClick={() => onChange({ draft: undefined, text: undefined })}>
          Close the draft
        </button>
      }
    >
      <div className="draft">
        <div className="stack">
          <label htmlFor={id} className="field-label">
            YAML, as in the configuration; nothing is applied from here
          </label>
          <textarea
            id={id}
            className="draft-text mono"
            spellCheck={false}
            rows={12}
            value={text}
            aria-invalid={data?.problems.some(({ severity }) => severity === "error")}
            aria-describedby={`${id}-problems`}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <div id={`${id}-problems`} className="stack" aria-live="polite">
            {data?.problems.map((problem) => (
              <DraftProblem key={`${problem.line}:${problem.column} ${problem.code}`} problem={problem} />
            ))}
          </div>
          <CommandLine command="tidegate apply -f DIRECTORY" />
        </div>
        <div className="stack">
          {error !== null && <ErrorNote error={error} />}
          {data !== undefined && <Preview preview={data} />}
        </div>
      </div>
    </Panel>
  );
}

function DraftProblem({ problem }: { readonly problem: CalendarPreview["problems"][number] }): ReactElement {
  return (
    <Note tone={problem.severity === "error" ? "bad" : "wait"} icon="warning">
      <strong>
        Line {problem.line}, column {problem.column}:
      </strong>{" "}
      {problem.message} {problem.remedy}
      {problem.excerpt !== "" && <pre className="draft-excerpt">{problem.excerpt}</pre>}
    </Note>
  );
}

function Preview({ preview }: { readonly preview: CalendarPreview }): ReactElement {
  return (
    <>
      {preview.drafts.map((draft) => (
        <section key={`${draft.kind} ${draft.name}`} className="stack" aria-label={`Preview of ${draft.name}`}>
          <h3>
            {draft.kind} {draft.name}: {draft.kind === "window" ? "next five openings" : "next five times"}
          </h3>
          {draft.next.length === 0 && <p className="small">Its scope matches no environment.</p>}
          {draft.next.map(({ zone, spans }, index) => (
            <details key={zone} open={index === 0}>
              <summary>on the clocks of {zone}</summary>
              <OpeningList openings={spans} zones={[zone, viewerZone()]} />
            </details>
          ))}
        </section>
      ))}
      {preview.drafts.length > 0 && <Effects preview={preview} />}
    </>
  );
}

function Effects({ preview }: { readonly preview: CalendarPreview }): ReactElement {
  const until = preview.until.slice(0, 10);
  return (
    <section className="stack" aria-label="What would change">
      <h3>What would change until {until}</h3>
      {preview.effects.length === 0 && <p className="small">Nothing: no service is open or closed at another time.</p>}
      {preview.effects.map((effect) => (
        <Effect key={`${effect.environment} ${effect.named.join(" ")}`} effect={effect} />
      ))}
      {preview.leftOut > 0 && (
        <p className="small dim">{preview.leftOut} more services in environments were not compared.</p>
      )}
    </section>
  );
}

/** Spans of each side that a person is shown; the sum says the rest. */
const spansShown = 3;

function Effect({ effect }: { readonly effect: CalendarPreview["effects"][number] }): ReactElement {
  const { environment, zone, services, named, opens, closes, openedMinutes, closedMinutes } = effect;
  const sides = [
    { sign: "good", word: "opens", minutes: openedMinutes, spans: opens },
    { sign: "bad", word: "closes", minutes: closedMinutes, spans: closes },
  ] as const;
  return (
    <div className="effect">
      <p>
        <strong>{environment}</strong>{" "}
        <span className="small dim" title={named.join(", ")}>
          {services === 1 ? named[0] : `${services} services`}, times of {zone}
        </span>
      </p>
      {sides
        .filter(({ minutes }) => minutes > 0)
        .map(({ sign, word, minutes, spans }) => (
          <p key={word} className="small">
            <strong className={`toned tone-${sign}`}>
              {word} {minutesText(minutes)}
            </strong>
            :{" "}
            {spans
              .slice(0, spansShown)
              .map((span) => spanText(spanOf(span), zone))
              .join(", ")}
            {spans.length > spansShown && " and more"}
          </p>
        ))}
    </div>
  );
}
