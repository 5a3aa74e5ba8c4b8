import type { ReactElement } from "react";
import { box, boxText, graphOf, graphText, type GraphStep } from "./graph.ts";
import { stepLook } from "./run.ts";

/** The steps as a picture: a lane for each part, arrows for what needs what. What it says stands in the list too. */
export function StepGraph(props: { readonly steps: readonly GraphStep[]; readonly label: string }): ReactElement {
  const { width, height, lanes, boxes, arrows } = graphOf(props.steps);
  return (
    <section
      className="scroll step-graph"
      aria-label={`Picture of ${props.label}`}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a wide picture scrolls within its frame, by keyboard too
      tabIndex={0}
    >
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing in SVG has no tag of its own that says "image"
        role="img"
        aria-label={graphText(props.steps)}
      >
        <defs>
          <marker id="step-arrow" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">
            <path d="M0 0 6 3 0 6Z" />
          </marker>
        </defs>
        {lanes.map(({ part, label, y }) => (
          <text key={part} x="4" y={y + 14} className="lane-label">
            {label}
          </text>
        ))}
        {arrows.map(({ key, path }) => (
          <path key={key} d={path} className="step-edge" markerEnd="url(#step-arrow)" />
        ))}
        {boxes.map(({ step, x, y }) => (
          <StepBox key={`${step.part} ${step.name}`} step={step} x={x} y={y} />
        ))}
      </svg>
    </section>
  );
}

function StepBox(props: { readonly step: GraphStep; readonly x: number; readonly y: number }): ReactElement {
  const { step, x, y } = props;
  const look = step.state === null ? null : stepLook(step.state);
  return (
    <g
      className={`step-box tone-${look?.tone ?? "rest"} state-${step.state ?? "planned"}`}
      transform={`translate(${x} ${y})`}
    >
      <title>{look === null ? step.name : `${step.name}: ${look.label.toLowerCase()}`}</title>
      <rect width={box.width} height={box.height} rx="7" />
      <text x="11" y={look === null ? 24 : 17} className="step-box-name">
        {boxText(step.name)}
      </text>
      {look !== null && (
        <text x="11" y="32" className="step-box-state">
          {look.label}
        </text>
      )}
    </g>
  );
}
