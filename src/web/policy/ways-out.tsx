import type { ReactElement } from "react";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { ZonedTime } from "#web/ui/widgets.tsx";
import { actFor } from "./acts.ts";
import { ActButton, type FindingContext } from "./finding-list.tsx";
import { deedsOf, waysOut, type Verdict } from "./verdict.ts";

interface WaysProps {
  readonly verdict: Verdict;
  readonly context: FindingContext;
}

/** Each is enough by itself; the one that opens first stands first. */
export function WaysOut({ verdict, context }: WaysProps): ReactElement | null {
  const now = useNow(1000);
  const ways = waysOut(verdict);
  if (ways.length === 0) return null;
  return (
    <section aria-label="Ways out" className="why-part">
      <h3>Ways out, the first to open first</h3>
      <ol className="ways">
        {ways.map((way) => (
          <li key={way.remedies.join(" + ")}>
            <p className="way-opens">
              <OpensText way={way} now={now} zone={context.zone} />
            </p>
            <Deeds way={way} verdict={verdict} context={context} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface OpensProps {
  readonly way: Verdict["counterfactuals"][number];
  readonly now: Temporal.Instant;
  readonly zone: string | null;
}

/** What could have opened in the past opens at once: an old verdict says when it was asked, not when it is read. */
function OpensText({ way, now, zone }: OpensProps): ReactElement {
  if (way.opensAt === null) return <>Opens at no known instant</>;
  const isDue = Temporal.Instant.compare(Temporal.Instant.from(way.opensAt), now) <= 0;
  if (isDue) return <>Opens at once</>;
  return (
    <>
      Opens <ZonedTime at={way.opensAt} now={now} zone={zone} />
    </>
  );
}

function Deeds({ way, verdict, context }: WaysProps & { readonly way: OpensProps["way"] }): ReactElement {
  const deeds = deedsOf(way);
  if (deeds.length === 0) return <p className="dim">By itself: nobody has to do anything.</p>;
  return (
    <ul className="remedies">
      {deeds.map((step) => {
        const finding = verdict.findings.find(({ rule }) => rule === step.rule);
        const act = finding === undefined ? null : actFor(finding, step, context.viewer);
        return (
          <li key={`${step.rule} ${step.who} ${step.what}`}>
            <Icon name="plus" />
            <span>
              <strong>{step.who}</strong>: {step.what}
            </span>
            {act !== null && <ActButton act={act} onAsk={context.onAsk} />}
          </li>
        );
      })}
    </ul>
  );
}
