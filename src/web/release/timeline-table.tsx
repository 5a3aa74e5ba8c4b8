import type { ReactElement } from "react";
import { Icon, type IconName } from "#web/ui/icons.tsx";
import { bothZones, timeOfDay, viewerZone } from "#web/ui/time.ts";
import { isOpen, stateLook, type DeploymentDetail, type TimelineEvent, type Tone } from "./deployment.ts";

const phases: Readonly<
  Record<TimelineEvent["phase"], { readonly icon: IconName; readonly tone: Tone; readonly label: string }>
> = {
  started: { icon: "play", tone: "motion", label: "Started" },
  done: { icon: "check", tone: "good", label: "Done" },
  failed: { icon: "cross", tone: "bad", label: "Failed" },
  info: { icon: "arrow", tone: "rest", label: "Note" },
};

/** What happened, in order; the newest line is the last. */
export function TimelineTable({ timeline: events, state }: Pick<DeploymentDetail, "timeline" | "state">): ReactElement {
  const zone = viewerZone();
  if (events.length === 0) return <p className="panel-body dim">Nothing has happened yet.</p>;
  return (
    <table className="table timeline">
      <caption className="hidden-visually">Timeline, newest last; times in {zone}</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Phase</th>
          <th scope="col" className="step-name">
            Step
          </th>
          <th scope="col">What happened</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => {
          const at = Temporal.Instant.from(event.at);
          // The last line says how it ended, in the word of the state: going back is no failure of the run.
          const phase = event.step === "record" && !isOpen(state) ? stateLook(state) : phases[event.phase];
          return (
            <tr key={event.seq}>
              <td>
                <time dateTime={event.at} title={bothZones(at, zone)}>
                  {timeOfDay(at, zone)}
                </time>
              </td>
              <td>
                <span className={`phase tone-${phase.tone}`}>
                  <Icon name={phase.icon} />
                  <span className="phase-label">{phase.label}</span>
                </span>
              </td>
              <td className="step-name dim">{event.name}</td>
              <td>{event.sentence}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
