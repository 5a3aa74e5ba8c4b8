import { useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { complaintOf } from "#web/api.ts";
import type { Tone } from "#web/release/deployment.ts";
import { Icon, type IconName } from "./icons.tsx";
import { absolute, age, bothZones, relative, viewerZone, wallClock } from "./time.ts";

/** An icon and a word in one colour; the word alone says it all. */
export function Badge(props: { readonly tone: Tone; readonly icon: IconName; readonly label: string }): ReactElement {
  return (
    <span className={`badge tone-${props.tone}`}>
      <Icon name={props.icon} />
      {props.label}
    </span>
  );
}

/** Share of live traffic as a bar with its number. */
export function ShareBar(props: { readonly percent: number; readonly tone: Tone }): ReactElement {
  return (
    <span className={`share tone-${props.tone}`}>
      <span className="share-track" aria-hidden="true">
        <span className="share-fill" style={{ width: `${props.percent}%` }} />
      </span>
      <span>{props.percent} %</span>
    </span>
  );
}

interface TimeProps {
  readonly at: string;
  readonly now: Temporal.Instant;
  /** `both`: relative, then absolute; `age`: the span alone, for a column that says what it is. */
  readonly form?: "relative" | "absolute" | "both" | "age";
}

/** An instant: the viewer's zone and UTC are in its tooltip. */
export function TimeText({ at, now, form = "relative" }: TimeProps): ReactElement {
  const instant = Temporal.Instant.from(at);
  const zone = viewerZone();
  const texts = {
    relative: () => relative(instant, now),
    absolute: () => absolute(instant, zone),
    both: () => `${relative(instant, now)} (${absolute(instant, zone)})`,
    age: () => age(instant, now),
  };
  return (
    <time dateTime={at} title={bothZones(instant, zone)} className={form === "both" ? "" : "nowrap"}>
      {texts[form]()}
    </time>
  );
}

/**
 * An instant on the clock of the environment, which sentences of rules use, and on the viewer's where that is another
 * one. `zone` is null while the zone of the environment is not known.
 */
export function ZonedTime({ at, now, zone }: TimeProps & { readonly zone: string | null }): ReactElement {
  const instant = Temporal.Instant.from(at);
  const mine = viewerZone();
  const there = zone ?? mine;
  return (
    <time dateTime={at} title={bothZones(instant, mine)}>
      {relative(instant, now)}: {absolute(instant, there)}
      {there !== mine && (
        <span className="dim">
          {" "}
          ({wallClock(instant, mine)} in {mine})
        </span>
      )}
    </time>
  );
}

/** What went wrong, why, and what to do next. */
export function ErrorNote({ error }: { readonly error: unknown }): ReactElement {
  const { title, detail, next, code, requestId } = complaintOf(error);
  const trace = [code, requestId === null ? null : `request ${requestId}`].filter((part) => part !== null).join(" · ");
  return (
    <div className="note tone-bad" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{title}.</strong> {detail} {next}
        {trace !== "" && <div className="small dim mono">{trace}</div>}
      </div>
    </div>
  );
}

export function Note(props: {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={`note tone-${props.tone}`}>
      <Icon name={props.icon} />
      <div>{props.children}</div>
    </div>
  );
}

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children: ReactNode;
  readonly command?: string;
}

export function EmptyState({ icon, title, children, command }: EmptyProps): ReactElement {
  return (
    <div className="empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      <p className="dim">{children}</p>
      {command !== undefined && <CommandLine command={command} />}
    </div>
  );
}

/** The line of the command line that does the same as the page. */
export function CommandLine({ command }: { readonly command: string }): ReactElement {
  return (
    <span className="command">
      <code title={command}>{command}</code>
      <CopyButton text={command} label="Copy" describes="the command" />
    </span>
  );
}

/** How long the button says that it has copied. */
const copiedMs = 1600;

export function CopyButton(props: {
  readonly text: string;
  readonly label: string;
  readonly describes: string;
}): ReactElement {
  const [hasCopied, setHasCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = (): void => {
    void navigator.clipboard.writeText(props.text).then(() => {
      setHasCopied(true);
      timer.current = setTimeout(() => setHasCopied(false), copiedMs);
    });
  };
  return (
    <button type="button" className="link-button" onClick={copy}>
      <Icon name={hasCopied ? "check" : "copy"} />
      <span aria-live="polite">{hasCopied ? "Copied" : props.label}</span>
      <span className="hidden-visually">{props.describes}</span>
    </button>
  );
}
