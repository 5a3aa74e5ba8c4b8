import { useState, type ReactElement } from "react";
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { inboxQuery, type LiveAsk } from "#web/approval/inbox.ts";
import { useZoneOf } from "#web/policy/questions.ts";
import { OpenDecision } from "#web/rollback/decision-panel.tsx";
import { decisionAnchor, leftAnchor } from "#web/rollback/way-back.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { TimeText, ZonedTime } from "#web/ui/widgets.tsx";
import { CheckInForm } from "./check-in-form.tsx";
import { DecideForm } from "./decide-form.tsx";
import { watchAnchor } from "./watch.ts";
import "#web/plan/plan.css";

/** What is wanted of this person about what goes live or is live: done on the spot, and gone then. */
export function InboxAsks(): ReactElement | null {
  const { data } = useQuery(inboxQuery);
  if (data === undefined || data.asks.length === 0) return null;
  return (
    <Panel title="Live versions need you">
      <ul className="run-steps">
        {data.asks.map((ask) => (
          <AskEntry key={`${ask.kind} ${ask.deployment} ${ask.sentence}`} ask={ask} />
        ))}
      </ul>
    </Panel>
  );
}

const words: Readonly<Record<LiveAsk["kind"], { readonly button: string | null; readonly hash: string }>> = {
  decide: { button: "Decide…", hash: decisionAnchor },
  answer: { button: "Answer…", hash: decisionAnchor },
  held: { button: "Decide…", hash: "" },
  sessions: { button: "End or wait…", hash: leftAnchor },
  "check-in": { button: "Check in…", hash: watchAnchor },
  notice: { button: null, hash: watchAnchor },
};

function AskForm({ kind, deployment }: Pick<LiveAsk, "kind" | "deployment">): ReactElement | null {
  switch (kind) {
    case "decide":
    case "answer":
      return <OpenDecision id={deployment} />;
    case "held":
    case "sessions":
      return <DecideForm kind={kind} deployment={deployment} />;
    case "check-in":
      return <CheckInForm deployment={deployment} />;
    case "notice":
      return null;
  }
}

function AskEntry({ ask }: { readonly ask: LiveAsk }): ReactElement {
  const now = useNow(1000);
  const zone = useZoneOf(ask.environment);
  const [isOpen, setIsOpen] = useState(false);
  const { deployment, kind, sentence, since, until } = ask;
  const { button, hash } = words[kind];
  return (
    <li className="run-step">
      <Link to="/deployments/$id" params={{ id: deployment }} hash={hash} className="run-step-name" data-row-link>
        {sentence}
      </Link>
      <p className="small dim">
        {kind === "notice" ? "Told" : "Asked"} <TimeText at={since} now={now} />
        {until !== null && (
          <>
            ; until <ZonedTime at={until} now={now} zone={zone} />
          </>
        )}
        .
      </p>
      {isOpen && <AskForm kind={kind} deployment={deployment} />}
      {!isOpen && button !== null && (
        <div>
          <Button size="xs" onClick={() => setIsOpen(true)}>
            {button}
            <span className="hidden-visually"> {ask.service}</span>
          </Button>
        </div>
      )}
    </li>
  );
}
