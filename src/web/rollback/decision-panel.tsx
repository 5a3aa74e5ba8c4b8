import { useState, type ReactElement } from "react";
import { Button, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { useZoneOf } from "#web/policy/questions.ts";
import { useNow } from "#web/runtime/clock.ts";
import { secondsBetween, span } from "#web/ui/time.ts";
import { Anchored } from "#web/ui/anchored.tsx";
import { Badge, ErrorNote, TimeText, ZonedTime } from "#web/ui/widgets.tsx";
import {
  decisionAnchor,
  openDecision,
  sayDeciders,
  sayOption,
  useWayBack,
  type Decision,
  type WayBack,
} from "./way-back.ts";
import { FactsOf } from "./way-back-facts.tsx";
import "./way-back.css";

/** While it is decided whether a release goes back: until when, by whom, what comes of silence, and what was said. */
export function DecisionPanel({ id }: { readonly id: string }): ReactElement | null {
  const { data } = useWayBack(id);
  if (data === undefined || openDecision(data) === null) return null;
  return (
    <Anchored id={decisionAnchor}>
      <OpenDecision id={id} />
    </Anchored>
  );
}

/** The same anywhere else; nothing once it is decided. */
export function OpenDecision({ id }: { readonly id: string }): ReactElement | null {
  const { data } = useWayBack(id);
  const open = data === undefined ? null : openDecision(data);
  if (data === undefined || open === null) return null;
  return (
    <section className="panel decision tone-wait" aria-label="Decision on the way back">
      <Clock decision={open} environment={data.environment} />
      <p>{open.because}</p>
      <Downtime decision={open} />
      <FactsOf way={data} />
      <Statements decision={open} />
      <Answer id={id} way={data} decision={open} />
    </section>
  );
}

interface ClockProps {
  readonly decision: Decision;
  readonly environment: string;
}

function Clock({ decision, environment }: ClockProps): ReactElement {
  const now = useNow(1000);
  const zone = useZoneOf(environment);
  const left = secondsBetween(now, Temporal.Instant.from(decision.expiresAt));
  const rest = left >= 60 ? `${span(left)} ${Math.floor(left) % 60} s` : span(left);
  return (
    <div className="decision-clock">
      <Badge tone="wait" icon="clock" label="To be decided" />
      <span className="decision-left" role="timer">
        {left > 0 ? rest : "now"}
      </span>
      <span>
        {sayDeciders(decision)} decides until <ZonedTime at={decision.expiresAt} now={now} zone={zone} />; without a
        decision <strong>{sayOption(decision.cause, decision.whenSilent)}</strong>.
      </span>
    </div>
  );
}

interface BothProps {
  readonly decision: Decision;
  readonly way: WayBack;
}

function Downtime({ decision }: { readonly decision: Decision }): ReactElement | null {
  const { downtimeSeconds, stakeholders } = decision;
  if (downtimeSeconds === null) return null;
  const asked = stakeholders.map(({ who, deputy }) => (deputy === null ? who : `${who} (then ${deputy})`));
  return (
    <p className="small">
      Going back takes the service away for {span(downtimeSeconds)}
      {asked.length > 0 && `; asked: ${asked.join(", ")}`}.
    </p>
  );
}

function Statements({ decision: { statements } }: { readonly decision: Decision }): ReactElement | null {
  const now = useNow(5000);
  if (statements.length === 0) return null;
  return (
    <ul className="decision-said" aria-label="What was said">
      {statements.map(({ at, person, kind, option, text }) => (
        <li key={`${at} ${person} ${text}`}>
          <strong>{person}</strong>{" "}
          <span className="small dim">
            {kind}
            {option === null ? "" : option === "go-back" ? ", wants it back" : ", wants it to stay"}{" "}
            <TimeText at={at} now={now} />
          </span>
          <p>{text}</p>
        </li>
      ))}
    </ul>
  );
}

function Answer({ id, way, decision }: BothProps & { readonly id: string }): ReactElement {
  const [text, setText] = useState("");
  const queries = useQueryClient();
  const onSuccess = async (): Promise<void> => {
    setText("");
    await queries.invalidateQueries({ queryKey: ["deployment", id] });
    await queries.invalidateQueries({ queryKey: ["inbox"] });
  };
  const params = { id };
  const say = useMutation({
    mutationFn: (option: "go-back" | "go-on" | null) => answered(api.sayOnDecision({ params, body: { text, option } })),
    onSuccess,
  });
  const decide = useMutation({
    mutationFn: (option: "go-back" | "go-on") =>
      answered(api.decideHeld({ params, body: { decision: option, reason: text } })),
    onSuccess,
  });
  const mayState = way.actions.find(({ name }) => name === "state");
  const mayDecide = way.actions.find(({ name }) => name === "decide");
  const error = say.error ?? decide.error;
  const isBusy = say.isPending || decide.isPending || text.trim() === "";
  return (
    <form className="decision-answer" onSubmit={(event) => event.preventDefault()}>
      <Textarea
        label="What you say, with your name and the time on record"
        description="Whatever you do here needs it."
        autosize
        minRows={2}
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className="actions">
        {mayDecide?.allowed === true && (
          <DecideButtons cause={decision.cause} isBusy={isBusy} onDecide={decide.mutate} />
        )}
        {mayState?.allowed === true && <SayButtons isBusy={isBusy} onSay={say.mutate} />}
      </div>
      {mayState?.allowed === false && <p className="small dim">Speaking: {mayState.because}</p>}
      {mayDecide?.allowed === false && <p className="small dim">Deciding: {mayDecide.because}</p>}
      {error !== null && <ErrorNote error={error} />}
    </form>
  );
}

type Option = Decision["whenSilent"];

interface DecideProps {
  readonly cause: Decision["cause"];
  readonly isBusy: boolean;
  readonly onDecide: (option: Option) => void;
}

function DecideButtons({ cause, isBusy, onDecide }: DecideProps): ReactElement {
  return (
    <>
      <Button size="xs" color="red" disabled={isBusy} onClick={() => onDecide("go-back")}>
        Take it back
      </Button>
      <Button size="xs" disabled={isBusy} onClick={() => onDecide("go-on")}>
        {cause === "held" ? "Let it go on" : "Stay live"}
      </Button>
    </>
  );
}

interface SayProps {
  readonly isBusy: boolean;
  readonly onSay: (option: Option | null) => void;
}

function SayButtons({ isBusy, onSay }: SayProps): ReactElement {
  return (
    <>
      <Button size="xs" variant="outline" disabled={isBusy} onClick={() => onSay("go-on")}>
        Object to going back
      </Button>
      <Button size="xs" variant="outline" disabled={isBusy} onClick={() => onSay("go-back")}>
        Ask for going back
      </Button>
      <Button size="xs" variant="default" disabled={isBusy} onClick={() => onSay(null)}>
        Only say it
      </Button>
    </>
  );
}
