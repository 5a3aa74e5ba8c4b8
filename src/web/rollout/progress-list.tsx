import type { ReactElement } from "react";
import type { DeploymentDetail } from "#web/release/deployment.ts";
import { Icon, type IconName } from "#web/ui/icons.tsx";
import { timeOfDay, viewerZone } from "#web/ui/time.ts";
import { stepsOf, type Step, type StepStatus } from "./progress.ts";
import "./progress.css";

const icons: Readonly<Record<StepStatus, IconName>> = {
  done: "check",
  active: "play",
  held: "hold",
  failed: "cross",
  left: "stop",
  upcoming: "minus",
};
const said: Readonly<Record<StepStatus, string>> = {
  done: "done",
  active: "under way",
  held: "holds its position",
  failed: "failed",
  left: "left before it was done",
  upcoming: "not begun",
};

/** The milestones from the gate to the proof, one under the other. */
export function ProgressList({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement {
  const zone = viewerZone();
  return (
    <ol className="steps">
      {stepsOf(deployment).map((step) => (
        <StepItem key={step.id} step={step} zone={zone} waits={deployment.state !== "running"} />
      ))}
    </ol>
  );
}

function StepItem(props: { readonly step: Step; readonly zone: string; readonly waits: boolean }): ReactElement {
  const { step, zone, waits } = props;
  const icon = step.status === "active" && waits ? "clock" : icons[step.status];
  return (
    <li
      className={`step ${step.status}`}
      {...(step.status === "active" || step.status === "held" ? { "aria-current": "step" as const } : {})}
    >
      <span className="step-dot">
        <Icon name={icon} />
      </span>
      <div className="grow">
        <span className="step-head">
          <span className="step-title">{step.title}</span>
          <span className="hidden-visually">, {said[step.status]}</span>
          {step.at !== null && (
            <time dateTime={step.at} className="small dim">
              {timeOfDay(Temporal.Instant.from(step.at), zone)}
            </time>
          )}
        </span>
        {step.sentence !== null && <p className="small dim">{step.sentence}</p>}
      </div>
    </li>
  );
}
