import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { Loading, Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote } from "#web/ui/widgets.tsx";
import { sayShares, useChoice, type Choice } from "./strategy.ts";
import "./strategy.css";

interface PanelProps {
  readonly service: string;
  readonly environment: string;
}

/** The ways in which a version can come to its users there: the one in force, those that fit, and why others do not. */
export function StrategyPanel({ service, environment }: PanelProps): ReactElement {
  const { data, error } = useChoice({ service, environment, class: "normal" });
  return (
    <Panel title={`Rollout in ${environment}`} side={data === undefined ? undefined : <InForce choice={data} />}>
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={4} />}
      {data !== undefined && (
        <>
          {data.ranked.length === 0 && <p>No way of a rollout fits; see below what would have to change.</p>}
          <ol className="ways">
            {data.ranked.map((one, index) => (
              <Way key={one.method} one={one} inForce={data.inForce.method} isFirst={index === 0} />
            ))}
          </ol>
          <Excluded choice={data} />
          {data.driver === null && (
            <p className="small dim">The target has not told what its proxy can do; the preflight asks it again.</p>
          )}
        </>
      )}
    </Panel>
  );
}

function InForce({ choice: { inForce } }: { readonly choice: Choice }): ReactElement {
  return (
    <span className="small">
      strategy <span className="mono">{inForce.name}</span>, {sayShares(inForce)}
    </span>
  );
}

interface WayProps {
  readonly one: Choice["ranked"][number];
  readonly inForce: string;
  readonly isFirst: boolean;
}

function Way({ one, inForce, isFirst }: WayProps): ReactElement {
  return (
    <li>
      <p className="way-title">
        <strong>{one.title}</strong>
        <span className="dim tabular">{one.points} points</span>
        {one.method === inForce && <Badge tone="good" icon="check" label="In force" />}
        {isFirst && one.method !== inForce && <Badge tone="motion" icon="arrow" label="Advised" />}
      </p>
      <p className="dim">{one.summary}</p>
      <ul className="weights">
        {one.weights.map(({ points, sentence }) => (
          <li key={sentence}>
            <span className="tabular mono">{points > 0 ? `+${points}` : `−${-points}`}</span>{" "}
            <Sentence text={sentence} />
          </li>
        ))}
      </ul>
      {one.cites.length > 0 && (
        <p className="small">
          See{" "}
          {one.cites.map((id) => (
            <span key={id}>
              <Link to="/deployments/$id" params={{ id }} className="mono">
                {id.slice(0, shownDigits)}…
              </Link>{" "}
            </span>
          ))}
        </p>
      )}
    </li>
  );
}

/** Enough of an id to tell it from others on the page. */
const shownDigits = 12;

/** Ids are linked below; in the sentence they would only be long. */
function Sentence({ text }: { readonly text: string }): ReactElement {
  return <span>{text.replace(/: dep_.*$/, "")}</span>;
}

/** The others with every reason; alone when the one in force is among them, for then requests are denied. */
export function Excluded({ choice: { excluded, inForce } }: { readonly choice: Choice }): ReactElement | null {
  if (excluded.length === 0) return null;
  return (
    <>
      <h3 className="ways-heading">Excluded</h3>
      <ul className="ways">
        {excluded.map(({ method, title, reasons }) => (
          <li key={method}>
            <p className="way-title">
              <strong>{title}</strong>
              {method === inForce.method && <Badge tone="bad" icon="stop" label="In force: requests are denied" />}
            </p>
            <ul className="weights">
              {reasons.map(({ code, sentence, remedy }) => (
                <li key={code}>
                  Because {sentence}. <span className="dim">{remedy}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </>
  );
}
