import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import type { ChangeClass } from "#web/policy/search.ts";
import { Badge, ErrorNote } from "#web/ui/widgets.tsx";
import { Excluded } from "./strategy-panel.tsx";
import { sayShares, useChoice, usedMethod, whyUsed, type Choice } from "./strategy.ts";
import "./strategy.css";

interface PreviewProps {
  readonly service: string;
  readonly environment: string;
  readonly class: ChangeClass;
}

/**
 * How what is asked for would come to its users. A document decides it and the request has no say in it, so that is
 * shown, with why, and where to change it.
 */
export function StrategyPreview(place: PreviewProps): ReactElement | null {
  const { data, error } = useChoice(place);
  // The verdict says what is wrong with a service or an environment that nobody knows.
  if (data === undefined) return error === null ? null : <ErrorNote error={error} />;
  const used = usedMethod(data);
  const { isExcluded } = data.inForce;
  return (
    <section className={`preview tone-${isExcluded ? "bad" : "motion"}`} aria-label="How it comes to its users">
      <p className="way-title">
        <strong>{used?.title ?? data.inForce.method}</strong>
        <span className="small">
          strategy <span className="mono">{data.inForce.name}</span>, {sayShares(data.inForce)}
        </span>
        {isExcluded && <Badge tone="bad" icon="stop" label="Excluded" />}
      </p>
      <p className="small">
        {used?.summary} {whyUsed(data)}
      </p>
      <details className="small">
        <summary>{sayOthers(data)}</summary>
        <ol className="ways">
          {data.ranked.map(({ method, title, points, summary }) => (
            <li key={method}>
              <p className="way-title">
                <strong>{title}</strong> <span className="dim tabular">{points} points</span>
              </p>
              <p className="dim">{summary}</p>
            </li>
          ))}
        </ol>
        <Excluded choice={data} />
      </details>
      <p className="small">
        <Link to="/services/$name" params={{ name: place.service }} search={{ environment: place.environment }}>
          All ways for {place.service} in {place.environment}
        </Link>
      </p>
    </section>
  );
}

function sayOthers({ ranked, excluded }: Choice): string {
  return `${ranked.length} ${ranked.length === 1 ? "way fits" : "ways fit"}, ${excluded.length} excluded`;
}
