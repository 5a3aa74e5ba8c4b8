import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import { isOpen, type DeploymentDetail } from "#web/release/deployment.ts";
import { Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote } from "#web/ui/widgets.tsx";
import {
  boundText,
  byStage,
  freshText,
  numberText,
  outcomeLooks,
  sparkOf,
  sparkSize,
  type CriterionResult,
} from "./criteria.ts";
import "./criteria.css";

/** Sources have news every second at the fastest; the record is written when something changes. */
const openMs = 2000;

/** What must hold for the change to be a success, and how it stands or ended in each stage. */
export function CriteriaPanel({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement | null {
  const { id, state, startedAt } = deployment;
  const { data, error } = useQuery({
    queryKey: ["criteria", id],
    queryFn: ({ signal }) => answered(api.getCriteria({ signal, params: { id } })),
    refetchInterval: isOpen(state) ? openMs : false,
    enabled: startedAt !== null,
  });
  if (startedAt === null || (data?.items.length === 0 && error === null)) return null;
  return (
    <Panel title="Success criteria" side="value against its limits, with what the source sent">
      <div className="criteria">
        {error !== null && <ErrorNote error={error} />}
        {byStage(data?.items ?? []).map(([stage, items]) => (
          <section key={stage} aria-label={`Criteria at ${stage}`}>
            <h3 className="small dim">At {stage}</h3>
            <ul>
              {items.map((item) => (
                <Criterion key={item.criterion} item={item} version={deployment.version} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Panel>
  );
}

interface CriterionProps {
  readonly item: CriterionResult;
  readonly version: string;
}

function Criterion({ item, version }: CriterionProps): ReactElement {
  const { criterion, outcome, sentence, value, rule } = item;
  return (
    <li className={`criterion tone-${outcomeLooks[outcome].tone}`}>
      <div className="criterion-head">
        <Badge {...outcomeLooks[outcome]} />
        <strong>{criterion}</strong>
        <span className="small dim">
          {rule.source}, window {rule.windowSeconds} s
        </span>
      </div>
      <div className="criterion-body">
        <Sparkline item={item} version={version} />
        <dl className="small">
          <dt>Value</dt>
          <dd>{value === null ? "none" : numberText(value, rule.unit)}</dd>
          <dt>Must be</dt>
          <dd>{boundText(item)}</dd>
          <dt>Freshness</dt>
          <dd>{freshText(item)}</dd>
        </dl>
      </div>
      {outcome !== "pass" && <p className="small">{sentence}</p>}
      <details className="small">
        <summary>Query and raw series</summary>
        <pre>{rule.query}</pre>
        <pre>{rawText(item)}</pre>
      </details>
    </li>
  );
}

/** Lines of raw points that a page shows; the command line has all of them. */
const shownPoints = 60;

function rawText({ series, compared }: CriterionResult): string {
  const all = [
    ...series.map((one) => ["", one] as const),
    ...compared.flatMap((one) => one.series.map((each) => [one.as, each] as const)),
  ];
  return all
    .map(([as, { labels, points, unit }]) => {
      const name = `${as === "" ? "" : `${as} `}${JSON.stringify(labels)} in ${unit}, ${points.length} points`;
      const shown = points
        .slice(-shownPoints)
        .map(({ atSecond, value }) => `${atSecond ?? "?"} ${value ?? "no number"}`);
      return [name, ...shown].join("\n");
    })
    .join("\n\n");
}

function Sparkline({ item, version }: CriterionProps): ReactElement {
  const spark = sparkOf(item, version);
  const { width, height } = sparkSize;
  if (spark === null) return <p className="spark-empty small dim">No number has come.</p>;
  const label = `${item.criterion}: from ${numberText(spark.least, item.rule.unit)} to ${numberText(spark.most, item.rule.unit)}`;
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing in SVG has no tag of its own that says "image"
      role="img"
      aria-label={label}
    >
      {spark.compared.map((path) => (
        <path key={path} d={path} className="spark-compared" />
      ))}
      {spark.bounds.map((y) => (
        <line key={y} x1={0} x2={width} y1={y} y2={y} className="spark-bound" />
      ))}
      {spark.own.map((path) => (
        <path key={path} d={path} className="spark-own" />
      ))}
      {spark.dots.map(({ x, y }) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r={2.5} className="spark-dot" />
      ))}
    </svg>
  );
}
