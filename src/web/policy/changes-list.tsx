import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { Badge } from "#web/ui/widgets.tsx";
import { changesBetween, findingLook, verdictLook, type Finding, type Verdict } from "./verdict.ts";

interface ChangesProps {
  readonly before: Verdict;
  readonly after: Verdict;
  /** Names of the two instants, such as "now". */
  readonly names: readonly [string, string];
  readonly now: Temporal.Instant;
}

/** What another instant changes: the decision, and each rule that says something else there. */
export function ChangesList({ before, after, names, now }: ChangesProps): ReactElement {
  const changes = changesBetween(before, after);
  const [old, next] = [verdictLook(before, now), verdictLook(after, now)];
  return (
    <section className="why-part" aria-label="What changes">
      <h3>
        What changes from {names[0]} to {names[1]}
      </h3>
      <p className="row">
        {old.label !== next.label && (
          <>
            <Badge tone={old.tone} icon={old.icon} label={old.label} />
            <span>then</span>
          </>
        )}
        <Badge tone={next.tone} icon={next.icon} label={next.label} />
        {old.label === next.label && <span>as before</span>}
      </p>
      {changes.length === 0 && <p className="dim">Every rule says the same.</p>}
      <ul className="changes">
        {changes.map(({ rule, before: from, after: to }) => (
          <li key={rule}>
            <Link to="/rules/$rule" params={{ rule }} className="mono">
              {rule}
            </Link>
            <span>
              <OutcomeText one={from} /> → <OutcomeText one={to} />
            </span>
            {to !== null && <span className="dim">{to.sentence}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function OutcomeText({ one }: { readonly one: Finding | null }): ReactElement {
  if (one === null) return <span className="dim">no answer</span>;
  const look = findingLook(one.outcome);
  return <strong className={`toned tone-${look.tone}`}>{look.label}</strong>;
}
