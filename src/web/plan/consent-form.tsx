import { useRef, useState, type ReactElement } from "react";
import { Button } from "@mantine/core";
import { useNow } from "#web/runtime/clock.ts";
import { useFocusOnInvalid } from "#web/ui/focus-invalid.ts";
import { CopyButton, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { NoteField, TokenField } from "./answer-fields.tsx";
import type { ConsentAsked } from "./run.ts";
import { answerErrors } from "./task.ts";
import { useDecision } from "./use-answer.ts";

type Decision = "approved" | "rejected";

/** Consent to what a run is going to do, or refusal of it: what it is to stands above, and the reason goes on record. */
export function ConsentForm({ run, asked }: { readonly run: string; readonly asked: ConsentAsked }): ReactElement {
  const form = useRef<HTMLFormElement>(null);
  const [note, setNote] = useState("");
  const [token, setToken] = useState("");
  const [tries, setTries] = useState(0);
  const send = useDecision(run);
  const refused = answerErrors(send.error);
  const { part, name: step, signature, contentDigest } = asked;
  const missing = { note: note.trim() === "", token: signature && token.trim() === "" };
  const complaint = (field: keyof typeof missing, sentence: string): string | null =>
    (tries > 0 && missing[field] ? sentence : null) ?? refused.at(field);
  useFocusOnInvalid(form, tries);
  useFocusOnInvalid(form, refused.hasSome && !send.isPending);
  const decide = (decision: Decision): void => {
    setTries(tries + 1);
    if (missing.note || missing.token) return;
    send.mutate({ part, step, decision, note: note.trim(), contentDigest, token: signature ? token.trim() : null });
  };
  return (
    // Two ways to send it, each with a button of its own: none of them is what Enter means.
    <form
      ref={form}
      className="stack task-form"
      onSubmit={(event) => event.preventDefault()}
      noValidate
      aria-label={`Decide ${step}`}
    >
      <Subject asked={asked} />
      <NoteField
        label="Reason"
        description="What you looked at; it goes on record under your name."
        value={note}
        error={complaint("note", "Say why, in a few words.")}
        onChange={setNote}
      />
      {signature && (
        <TokenField value={token} error={complaint("token", "This decision has to be signed.")} onChange={setToken} />
      )}
      {send.error !== null && refused.rest !== null && <ErrorNote error={refused.rest} />}
      <Deciding busy={send.isPending ? send.variables.decision : null} isSigned={signature} onDecide={decide} />
    </form>
  );
}

interface DecidingProps {
  /** What is on its way. */
  readonly busy: Decision | null;
  readonly isSigned: boolean;
  readonly onDecide: (decision: Decision) => void;
}

function Deciding({ busy, isSigned, onDecide }: DecidingProps): ReactElement {
  return (
    <div className="row">
      <Button onClick={() => onDecide("approved")} loading={busy === "approved"} disabled={busy === "rejected"}>
        {isSigned ? "Sign and approve" : "Approve"}
      </Button>
      <Button
        color="red"
        variant="outline"
        onClick={() => onDecide("rejected")}
        loading={busy === "rejected"}
        disabled={busy === "approved"}
      >
        {isSigned ? "Sign and reject" : "Reject"}
      </Button>
    </div>
  );
}

function Subject({ asked }: { readonly asked: ConsentAsked }): ReactElement {
  const now = useNow(1000);
  const { instruction, deadline, approvals, approvedBy, contentDigest, brings } = asked;
  const left = approvals - approvedBy.length;
  return (
    <>
      <p className="task-instruction">{instruction}</p>
      <p className="small dim">
        {deadline !== null && (
          <>
            Until <TimeText at={deadline} now={now} form="both" />.{" "}
          </>
        )}
        Silence is no consent: without it the step is refused, and the run turns back. A rejection is final for this
        content.
      </p>
      <div className="consent-content">
        {brings.length === 0 ? (
          <p className="small dim">It brings no version anywhere: consent is to its steps as they are written.</p>
        ) : (
          <ul aria-label="What it brings">
            {brings.map(({ service, version, environment, artifact }) => (
              <li key={`${service} ${version} ${environment}`}>
                <span>
                  <strong>{service}</strong> {version} <span className="dim">to</span> <strong>{environment}</strong>
                </span>
                {artifact === null ? (
                  <span className="small tone-wait toned">No artifact is registered.</span>
                ) : (
                  <span className="small mono dim">{artifact.slice(0, 19)}…</span>
                )}
              </li>
            ))}
          </ul>
        )}
        <p className="small consent-digest">
          <span className="dim">Content</span> <span className="mono">{contentDigest.slice(0, 19)}…</span>{" "}
          <CopyButton text={contentDigest} label="Copy" describes="the digest of the content" />
        </p>
      </div>
      <p className="small">
        {approvedBy.length === 0 ? "Nobody has approved it yet" : `Approved by ${approvedBy.join(", ")}`};{" "}
        {left === 1 ? "your approval lets it go on." : `${left} more are needed.`}
      </p>
    </>
  );
}
