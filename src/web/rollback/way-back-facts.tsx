import type { ReactElement } from "react";
import { useZoneOf } from "#web/policy/questions.ts";
import { useNow } from "#web/runtime/clock.ts";
import { ErrorNote, ZonedTime } from "#web/ui/widgets.tsx";
import { factsOf, useWayBack, type WayBack } from "./way-back.ts";
import "./way-back.css";

/** What going back means, in view of whoever decides it: how long, until when, and what it does not undo. */
export function WayBackFacts({ id }: { readonly id: string }): ReactElement | null {
  const { data, error } = useWayBack(id);
  if (error !== null) return <ErrorNote error={error} />;
  return data === undefined ? null : <FactsOf way={data} />;
}

export function FactsOf({ way }: { readonly way: WayBack }): ReactElement {
  const limits = way.plan?.limits ?? [];
  return (
    <section className="decision-about small" aria-label="What going back means">
      <ul className="decision-facts">
        {way.former !== null && <li>{way.how}</li>}
        {factsOf(way).map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
        <LatestStart way={way} />
      </ul>
      {limits.length + way.missing.length > 0 && (
        <>
          <p>
            <strong>It does not undo</strong>
          </p>
          <ul className="decision-facts">
            {limits.map(({ service, cannot, remedy }) => (
              <li key={`${service ?? ""} ${cannot}`}>
                {service !== null && <span className="mono">{service}</span>} {cannot}{" "}
                <span className="dim">{remedy}</span>
              </li>
            ))}
            {way.missing.map(({ service, kind }) => (
              <li key={service}>
                <span className="mono">{service}</span> ({kind}): nobody has said what stays done there.
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function LatestStart({ way: { latestStart, environment } }: { readonly way: WayBack }): ReactElement | null {
  const now = useNow(1000);
  const zone = useZoneOf(environment);
  if (latestStart === null) return null;
  const { at, closesAt } = latestStart;
  const isOver = Temporal.Instant.compare(Temporal.Instant.from(at), now) <= 0;
  return (
    <li>
      {isOver ? "It is not over any more before the window closes: its latest start was " : "Latest start "}
      <ZonedTime at={at} now={now} zone={zone} />
      {isOver ? "; it closes " : ", to be over before the window closes "}
      <ZonedTime at={closesAt} now={now} zone={zone} />.
    </li>
  );
}
