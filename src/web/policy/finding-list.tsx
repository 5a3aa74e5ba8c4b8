import { useState, type ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { ZonedTime } from "#web/ui/widgets.tsx";
import { actFor, targetOf, waysAround, type Act, type Viewer } from "./acts.ts";
import { findingLook, isInTheWay, isWaiting, quietSummary, type Finding } from "./verdict.ts";

/** What every finding of a panel needs to be shown. */
export interface FindingContext {
  readonly zone: string | null;
  readonly environment: string;
  readonly viewer: Viewer;
  /** Opens a dialog of the page; `of`: what it is about. */
  readonly onAsk: (name: string, of?: string) => void;
}

interface ListProps {
  readonly findings: readonly Finding[];
  readonly context: FindingContext;
}

export function FindingList({ findings, context }: ListProps): ReactElement {
  return (
    <ul className="findings">
      {findings.map((one) => (
        <FindingItem key={`${one.rule} ${one.code}`} one={one} context={context} />
      ))}
    </ul>
  );
}

function FindingItem({ one, context }: { readonly one: Finding; readonly context: FindingContext }): ReactElement {
  const now = useNow(1000);
  const look = findingLook(one.outcome);
  return (
    <li className={`finding tone-${look.tone}`}>
      <span className="finding-outcome toned">
        <Icon name={look.icon} />
        <span className="hidden-visually">{look.label}: </span>
      </span>
      <div className="grow">
        <p>{one.sentence}</p>
        {one.until !== null && (
          <p className="until small">
            This rule passes <ZonedTime at={one.until} now={now} zone={context.zone} />
          </p>
        )}
        <Remedies finding={one} context={context} />
        <WaysAround finding={one} context={context} />
        <p className="small dim finding-foot">
          <span className="toned">{look.label}</span>
          <Link to="/rules/$rule" params={{ rule: one.rule }} className="mono" title="What this rule asks, and why">
            {one.rule}
            <span className="hidden-visually">, the rule</span>
          </Link>
          <span title="Version of the rule">v{one.ruleVersion}</span>
          {one.evidence.map((piece) => (
            <EvidenceText key={`${piece.kind} ${piece.ref}`} piece={piece} environment={context.environment} />
          ))}
        </p>
      </div>
    </li>
  );
}

/** What somebody can do. Waiting is no deed: the line above says when the rule passes by itself. */
function Remedies({
  finding,
  context,
}: {
  readonly finding: Finding;
  readonly context: FindingContext;
}): ReactElement | null {
  const remedies = finding.remedies.filter((remedy) => !isWaiting(remedy));
  if (remedies.length === 0 || !isInTheWay(finding)) return null;
  return (
    <ul className="remedies">
      {remedies.map((remedy) => {
        const act = actFor(finding, remedy, context.viewer);
        return (
          <li key={`${remedy.kind} ${remedy.who} ${remedy.what}`}>
            <Icon name="arrow" />
            <span>
              <strong>{remedy.who}</strong>: {remedy.what}
            </span>
            {act !== null && <ActButton act={act} onAsk={context.onAsk} />}
          </li>
        );
      })}
    </ul>
  );
}

/** What lets it through although the rule goes on to stop it: named after the deeds, smaller, and never the first. */
function WaysAround({
  finding,
  context,
}: {
  readonly finding: Finding;
  readonly context: FindingContext;
}): ReactElement | null {
  const acts = waysAround(finding, context.viewer);
  if (acts.length === 0) return null;
  return (
    <p className="ways-around small">
      <span className="dim">In spite of it:</span>
      {acts.map((act) => (
        <ActButton key={act.label} act={act} onAsk={context.onAsk} about={finding.rule} />
      ))}
    </p>
  );
}

interface ActProps {
  readonly act: Act;
  readonly onAsk: FindingContext["onAsk"];
  /** The rule that goes on to stop it; told to readers, since several buttons then have the same label. */
  readonly about?: string;
}

export function ActButton({ act, onAsk, about }: ActProps): ReactElement {
  const className = about === undefined ? "act-button" : "act-button quiet";
  switch (act.kind) {
    case "ask":
      return (
        <button type="button" className={className} onClick={() => onAsk(act.name, act.of)}>
          {act.label}
          {about !== undefined && <span className="hidden-visually"> ({about})</span>}
        </button>
      );
    case "deployment":
      return (
        <Link
          to="/deployments/$id"
          params={{ id: act.id }}
          search={act.ask === undefined ? {} : { ask: act.ask }}
          className={className}
        >
          {act.label}
        </Link>
      );
    case "lift":
      return (
        <Link to="/holds" search={{ lift: act.hold }} className={className}>
          {act.label}
        </Link>
      );
    case "resume":
      return (
        <Link to="/holds" search={{ resume: act.stop }} className={className}>
          {act.label}
        </Link>
      );
  }
}

interface EvidenceProps {
  readonly piece: Finding["evidence"][number];
  readonly environment: string;
}

function EvidenceText({ piece, environment }: EvidenceProps): ReactElement {
  const target = targetOf(piece);
  if (target === null) return <span title={`${piece.kind} ${piece.ref}`}>{piece.text}</span>;
  switch (target.kind) {
    case "deployment":
      return (
        <Link to="/deployments/$id" params={{ id: target.id }}>
          {piece.text}
        </Link>
      );
    case "policy":
      return (
        <Link to="/policies/$name" params={{ name: target.name }}>
          {piece.text}
        </Link>
      );
    case "calendar":
      return (
        <Link to="/calendar" search={{ environment }}>
          {piece.text}
        </Link>
      );
    case "deviation":
      return <Link to="/exemptions">{piece.text}</Link>;
    case "hold":
    case "stop":
    case "signal":
      return <Link to="/holds">{piece.text}</Link>;
    case "site":
      return (
        <a href={target.address} rel="noreferrer">
          {piece.text}
        </a>
      );
  }
}

/** Findings in nobody's way fold away, but none is left out. */
export function QuietFindings({ findings, context }: ListProps): ReactElement | null {
  const [isShown, setIsShown] = useState(false);
  if (findings.length === 0) return null;
  return (
    <details open={isShown} onToggle={(event) => setIsShown(event.currentTarget.open)}>
      <summary>{quietSummary(findings)}</summary>
      {isShown && <FindingList findings={findings} context={context} />}
    </details>
  );
}
