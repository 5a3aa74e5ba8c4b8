import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Panel } from "#web/ui/page.tsx";
import { Badge, CommandLine, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { LeftRunning } from "./left-running.tsx";
import { sayTime, useWayBack, type WayBack } from "./way-back.ts";
import "./way-back.css";

/** How this release is taken back, and what that does not undo. */
export function WayBackPanel({ id }: { readonly id: string }): ReactElement {
  const { data, error } = useWayBack(id);
  return (
    <Panel title="Way back" side={data === undefined ? undefined : <Side way={data} />}>
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={3} />}
      {data !== undefined && <Body way={data} id={id} />}
    </Panel>
  );
}

function Side({ way }: { readonly way: WayBack }): ReactElement {
  const to = way.former === null ? "nothing was there before" : `to ${way.former}, ${sayTime(way.time)}`;
  return <span className="small">{to}</span>;
}

function Body({ way, id }: { readonly way: WayBack; readonly id: string }): ReactElement {
  return (
    <div className="way-back">
      {way.isPastNoReturn && <PastNoReturn way={way} />}
      {way.plan === null ? (
        <p className="dim">Nobody has planned the way back of {way.service}.</p>
      ) : (
        <PlanOf plan={way.plan} isPast={way.isPastNoReturn} />
      )}
      {way.former !== null && <p className="dim small">{way.how}</p>}
      <Limits way={way} />
      <p className="dim small">{way.configuration}</p>
      <Rehearsed way={way} />
      <LeftRunning way={way} id={id} />
    </div>
  );
}

/** Past it the way is forward: the limits below say what going back would leave. */
function PastNoReturn({ way }: { readonly way: WayBack }): ReactElement {
  return (
    <div className="way-back-past tone-bad" role="note">
      <Badge tone="bad" icon="warning" label="Past the point of no return" />
      <p>
        {way.plan?.pointOfNoReturn?.why} Fix forward: build the next version and{" "}
        <Link to="/services/$name" params={{ name: way.service }}>
          request it for {way.service}
        </Link>
        .
      </p>
    </div>
  );
}

interface PlanProps {
  readonly plan: NonNullable<WayBack["plan"]>;
  readonly isPast: boolean;
}

function PlanOf({ plan, isPast }: PlanProps): ReactElement {
  return (
    <dl className="way-back-plan">
      <dt>Taken when</dt>
      <dd>
        <ul>
          {plan.triggers.map((trigger) => (
            <li key={trigger}>{trigger}</li>
          ))}
        </ul>
      </dd>
      <dt>Steps</dt>
      <dd>
        <ol>
          {plan.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </dd>
      {plan.pointOfNoReturn !== null && !isPast && (
        <>
          <dt>No return</dt>
          <dd>
            From {plan.pointOfNoReturn.percent} % on: {plan.pointOfNoReturn.why} Nothing goes back by itself from there;
            when nobody decides it goes {plan.pointOfNoReturn.whenSilent === "go-on" ? "forward" : "back"}.
          </dd>
        </>
      )}
    </dl>
  );
}

function Limits({ way: { plan, missing } }: { readonly way: WayBack }): ReactElement | null {
  const limits = plan?.limits ?? [];
  if (limits.length + missing.length === 0) return null;
  return (
    <section aria-label="Limits of the way back">
      <h3 className="way-back-title">What going back does not undo</h3>
      <ul className="way-back-limits">
        {limits.map(({ service, cannot, remedy }) => (
          <li key={`${service ?? ""} ${cannot}`}>
            {service !== null && <span className="mono">{service}</span>} {cannot} <span className="dim">{remedy}</span>
          </li>
        ))}
        {missing.map(({ service, kind }) => (
          <li key={service} className="tone-wait">
            <Badge tone="wait" icon="warning" label="Not said" /> <span className="mono">{service}</span> ({kind}): what
            cannot be undone there, and what is done about it.
          </li>
        ))}
      </ul>
    </section>
  );
}

function comparedText(tables: number): string {
  if (tables === 0) return "; no rows were to be compared.";
  return tables === 1 ? "; the rows of one table were as before." : `; the rows of ${tables} tables were as before.`;
}

function Rehearsed({ way }: { readonly way: WayBack }): ReactElement | null {
  const now = useNow(5000);
  const { rehearsal, rehearsedIn, service, version } = way;
  if (rehearsal === null) {
    if (rehearsedIn === null || way.former === null) return null;
    return (
      <div>
        <p className="dim small">These two versions were never rehearsed in {rehearsedIn}.</p>
        <CommandLine command={`tidegate way-back rehearse ${service}@${version} --reason "..."`} />
      </div>
    );
  }
  const passed = rehearsal.outcome === "pass";
  return (
    <p>
      <Badge
        tone={passed ? "good" : "bad"}
        icon={passed ? "check" : "warning"}
        label={passed ? "Rehearsed" : "Rehearsal failed"}
      />{" "}
      <Link to="/runs/$id" params={{ id: rehearsal.run }}>
        in {rehearsal.environment}
      </Link>{" "}
      <TimeText at={rehearsal.at} now={now} />
      {passed
        ? comparedText(rehearsal.compared.length)
        : `: ${rehearsal.reason ?? `rows of ${rehearsal.differing.join(", ")} were not as before.`}`}
    </p>
  );
}
