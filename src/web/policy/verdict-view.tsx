import { useState, type ReactElement } from "react";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Badge, TimeText } from "#web/ui/widgets.tsx";
import { findingLook, inOrder, isInTheWay, quietSummary, verdictLook, type Finding, type Verdict } from "./verdict.ts";
import "./verdict.css";

/** What this viewer may do about a remedy, by its kind; the server's list of actions decides what is in it. */
export type RemedyActs = Readonly<Record<string, { readonly label: string; readonly act: () => void }>>;

const noActs: RemedyActs = {};

interface VerdictViewProps {
  readonly verdict: Verdict;
  readonly acts?: RemedyActs;
}

/** The whole verdict: decision, every finding with its remedies, openings, and what would change it. */
export function VerdictView({ verdict, acts = noActs }: VerdictViewProps): ReactElement {
  const now = useNow(1000);
  const look = verdictLook(verdict, now);
  const findings = inOrder(verdict.findings);
  return (
    <div className="stack verdict">
      <p className="verdict-line">
        <Badge tone={look.tone} icon={look.icon} label={look.label} />
        <span>{look.summary}</span>
      </p>
      {findings.some(isInTheWay) && <FindingList findings={findings.filter(isInTheWay)} now={now} acts={acts} />}
      <QuietFindings findings={findings.filter((one) => !isInTheWay(one))} now={now} />
      <Openings verdict={verdict} now={now} />
      <Counterfactuals verdict={verdict} now={now} />
      <p className="small dim">
        Judged <TimeText at={verdict.at} now={now} form="both" /> · zone data {verdict.zoneData} ·{" "}
        <span className="mono" title={verdict.factsDigest}>
          facts {verdict.factsDigest.slice(0, 15)}…
        </span>
      </p>
    </div>
  );
}

interface ListProps {
  readonly findings: readonly Finding[];
  readonly now: Temporal.Instant;
}

export function FindingList({ findings, now, acts }: ListProps & { readonly acts: RemedyActs }): ReactElement {
  return (
    <ul className="findings">
      {findings.map((one) => (
        <FindingItem key={`${one.rule} ${one.code}`} one={one} now={now} acts={acts} />
      ))}
    </ul>
  );
}

interface ItemProps {
  readonly one: Finding;
  readonly now: Temporal.Instant;
  readonly acts: RemedyActs;
}

function FindingItem({ one, now, acts }: ItemProps): ReactElement {
  const look = findingLook(one.outcome);
  return (
    <li className={`finding tone-${look.tone}`}>
      <span className="finding-outcome toned">
        <Icon name={look.icon} />
        <span className="hidden-visually">{look.label}: </span>
      </span>
      <div className="grow">
        <p>
          {one.sentence}
          {one.until !== null && (
            <span className="until">
              {" "}
              Passes <TimeText at={one.until} now={now} form="both" />.
            </span>
          )}
        </p>
        {one.remedies.length > 0 && <Remedies remedies={one.remedies} acts={acts} />}
        <p className="small dim finding-foot">
          <span className="toned">{look.label}</span> · <span className="mono">{one.rule}</span>
          {one.evidence.map((piece) => (
            <span key={`${piece.kind} ${piece.ref}`} title={piece.ref}>
              {" "}
              · {piece.text}
            </span>
          ))}
        </p>
      </div>
    </li>
  );
}

interface RemediesProps {
  readonly remedies: Finding["remedies"];
  readonly acts: RemedyActs;
}

function Remedies({ remedies, acts }: RemediesProps): ReactElement {
  return (
    <ul className="remedies">
      {remedies.map((remedy) => {
        const offer = acts[remedy.kind];
        return (
          <li key={`${remedy.kind} ${remedy.who} ${remedy.what}`}>
            <Icon name="arrow" />
            <span>
              <strong>{remedy.who}</strong>: {remedy.what}
            </span>
            {offer !== undefined && (
              <button type="button" className="link-button" onClick={offer.act}>
                {offer.label}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** Findings in nobody's way fold away, but none is left out. */
function QuietFindings({ findings, now }: ListProps): ReactElement | null {
  const [isShown, setIsShown] = useState(false);
  if (findings.length === 0) return null;
  return (
    <details open={isShown} onToggle={(event) => setIsShown(event.currentTarget.open)}>
      <summary>{quietSummary(findings)}</summary>
      {isShown && <FindingList findings={findings} now={now} acts={noActs} />}
    </details>
  );
}

/** Openings shown at once; the rest unfolds. */
const shownOpenings = 5;

function Openings({
  verdict,
  now,
}: {
  readonly verdict: Verdict;
  readonly now: Temporal.Instant;
}): ReactElement | null {
  if (verdict.verdict === "allow" || verdict.openings.length === 0) return null;
  return (
    <section aria-label="Openings">
      <h3>Openings of all rules together</h3>
      <ol className="openings">
        {verdict.openings.slice(0, shownOpenings).map((opening) => (
          <li key={opening.from}>
            <TimeText at={opening.from} now={now} form="absolute" /> –{" "}
            <TimeText at={opening.to} now={now} form="absolute" />
            <span className="small dim">
              <TimeText at={opening.from} now={now} />
            </span>
          </li>
        ))}
      </ol>
      {verdict.openings.length > shownOpenings && (
        <p className="small dim">and {verdict.openings.length - shownOpenings} later ones</p>
      )}
    </section>
  );
}

function Counterfactuals({
  verdict,
  now,
}: {
  readonly verdict: Verdict;
  readonly now: Temporal.Instant;
}): ReactElement | null {
  if (verdict.counterfactuals.length === 0) return null;
  return (
    <section aria-label="What would change it">
      <h3>What would change it</h3>
      <ul className="counterfactuals">
        {verdict.counterfactuals.map((one) => (
          <li key={one.remedies.join(" + ")}>
            <ul className="remedies">
              {one.steps.map((step) => (
                <li key={`${step.rule} ${step.who} ${step.what}`}>
                  <Icon name="plus" />
                  <span>
                    <strong>{step.who}</strong>: {step.what}
                  </span>
                </li>
              ))}
            </ul>
            <p>
              Then it opens{" "}
              {one.opensAt === null ? "at no known instant" : <TimeText at={one.opensAt} now={now} form="both" />}.
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
