import type { CSSProperties, ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import type { Tone } from "#web/release/deployment.ts";
import { Icon, type IconName } from "#web/ui/icons.tsx";
import { span, timeOfDay, viewerZone, wallClock } from "#web/ui/time.ts";
import { placeOf, ticksOf, type Picture, type PictureWave, type Row, type RowState, type Stretch } from "./picture.ts";
import "./waves.css";

interface PictureProps {
  readonly picture: Picture;
  readonly now: Temporal.Instant;
}

/** As many as still stand apart on a narrow screen. */
const mostTicks = 6;

/**
 * Waves over time, a line for each target: the windows in which it is open, the change, and the soak behind it. What the
 * drawing shows stands beside it in words, on the clock of the target.
 */
export function WavePicture({ picture, now }: PictureProps): ReactElement {
  const { range, waves, mix, mixEnds } = picture;
  return (
    <div className="wave-picture">
      <Axis range={range} />
      {waves.map((wave, place) => (
        <WaveRows key={place} wave={wave} place={place} picture={picture} now={now} />
      ))}
      {mix !== null && <MixRow mix={mix} ends={mixEnds} range={range} now={now} />}
      <Legend />
    </div>
  );
}

function Axis({ range }: { readonly range: Stretch }): ReactElement {
  const zone = viewerZone();
  return (
    <div className="wave-row wave-axis" aria-hidden="true">
      <span className="small dim">{zone}</span>
      <div className="wave-scale">
        {ticksOf(range, zone, mostTicks)
          .filter(({ at }) => isReadable(at, range))
          .map(({ at, isDay }) => (
            <span key={at} className={isDay ? "wave-tick is-day" : "wave-tick"} style={{ left: shareText(at, range) }}>
              {isDay ? dayText(at, zone) : timeText(at, zone)}
            </span>
          ))}
      </div>
    </div>
  );
}

/** A label at the very end would be cut. */
function isReadable(at: number, { from, to }: Stretch): boolean {
  return at < from + 0.92 * (to - from);
}

interface WaveProps extends PictureProps {
  readonly wave: PictureWave;
  readonly place: number;
}

function WaveRows({ wave, place, picture, now }: WaveProps): ReactElement {
  const { region, rows } = wave;
  const title = `Wave ${place + 1}${region === "" ? "" : ` · ${region}`}`;
  return (
    <section className="wave-group" aria-label={title}>
      <h3>
        {title}{" "}
        <span className="dim wave-count">
          {rows.length} {rows.length === 1 ? "target" : "targets"}
        </span>
      </h3>
      <ul>
        {rows.map((row) => (
          <li key={row.environment} className={`wave-row tone-${looks[row.state].tone}`}>
            <RowText row={row} now={now} />
            <Track row={row} range={picture.range} now={now} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const looks: Readonly<Record<RowState, { readonly tone: Tone; readonly icon: IconName; readonly label: string }>> = {
  expected: { tone: "motion", icon: "clock", label: "Expected" },
  pending: { tone: "rest", icon: "minus", label: "Not begun" },
  waiting: { tone: "wait", icon: "queue", label: "In a queue" },
  running: { tone: "motion", icon: "play", label: "Under way" },
  soaking: { tone: "motion", icon: "clock", label: "Soaks" },
  done: { tone: "good", icon: "check", label: "Done" },
  failed: { tone: "bad", icon: "cross", label: "Failed" },
};

function RowText({ row, now }: { readonly row: Row; readonly now: Temporal.Instant }): ReactElement {
  const { environment, state, deployment, because } = row;
  return (
    <div className="wave-text">
      <span className="wave-name">
        <span className="wave-state toned">
          <Icon name={looks[state].icon} />
          <span className="hidden-visually">{looks[state].label}: </span>
        </span>
        <strong>{environment}</strong>
        {deployment !== null && (
          <Link to="/deployments/$id" params={{ id: deployment }} className="small">
            Deployment<span className="hidden-visually"> to {environment}</span>
          </Link>
        )}
      </span>
      <span className="small dim">{timesText(row, now)}</span>
      {because !== null && state !== "done" && (
        <span className="small">
          {state !== "failed" && <span className="dim">Waits for: </span>}
          {because}
        </span>
      )}
    </div>
  );
}

/** The times of a target on its own clock, in words. */
function timesText({ state, change, soak, zone }: Row, now: Temporal.Instant): string {
  const place = zone ?? viewerZone();
  if (change === null) return state === "expected" ? "No time is known." : "";
  const from = `${dayText(change.from, place)}, ${timeText(change.from, place)}`;
  if (state === "running") return `since ${from} ${place}, ${span((now.epochMilliseconds - change.from) / 1000)}`;
  const until = soak === null ? "" : `, soak to ${timeText(soak.to, place)}`;
  return `${from}–${timeText(change.to, place)} ${place}${until}`;
}

interface TrackProps {
  readonly row: Row;
  readonly range: Stretch;
  readonly now: Temporal.Instant;
}

function Track({ row, range, now }: TrackProps): ReactElement {
  const { openings, change, soak } = row;
  return (
    <div className="wave-track" aria-hidden="true">
      {openings.map((opening) => (
        <Bar key={opening.from} kind="open" stretch={opening} range={range} />
      ))}
      <NowLine now={now} range={range} />
      {soak !== null && <Bar kind="soak" stretch={soak} range={range} />}
      {change !== null && <Bar kind="change" stretch={change} range={range} />}
    </div>
  );
}

interface BarProps {
  readonly kind: "open" | "soak" | "change" | "mix";
  readonly stretch: Stretch;
  readonly range: Stretch;
}

function Bar({ kind, stretch, range }: BarProps): ReactElement | null {
  const place = placeOf(stretch, range);
  if (place === null) return null;
  const style: CSSProperties = { left: `${place.start * 100}%`, width: `${place.width * 100}%` };
  return <span className={`wave-bar wave-${kind}`} style={style} />;
}

function NowLine({ now, range }: Omit<TrackProps, "row">): ReactElement | null {
  const at = now.epochMilliseconds;
  if (at < range.from || at > range.to) return null;
  return <span className="wave-now" style={{ left: shareText(at, range) }} />;
}

interface MixProps {
  readonly mix: Stretch;
  readonly ends: number | null;
  readonly range: Stretch;
  readonly now: Temporal.Instant;
}

/** How long old and new run beside each other, and when that has to be over. */
function MixRow({ mix, ends, range, now }: MixProps): ReactElement {
  const zone = viewerZone();
  const isTooLong = ends !== null && mix.to > ends;
  const limit =
    ends === null
      ? "no limit"
      : `over by ${wallClock(Temporal.Instant.fromEpochMilliseconds(Math.round(ends)), zone)} at the latest`;
  return (
    <div className={`wave-row wave-mix-row tone-${isTooLong ? "bad" : "rest"}`}>
      <div className="wave-text">
        <strong>Old beside new</strong>
        <span className="small dim">
          {span((mix.to - mix.from) / 1000)}; {limit}
        </span>
      </div>
      <div className="wave-track" aria-hidden="true">
        <NowLine now={now} range={range} />
        <Bar kind="mix" stretch={mix} range={range} />
        {ends !== null && ends <= range.to && <span className="wave-limit" style={{ left: shareText(ends, range) }} />}
      </div>
    </div>
  );
}

const legend = [
  ["wave-open", "open there"],
  ["wave-change", "change"],
  ["wave-soak", "soak"],
  ["wave-mix", "old beside new"],
  ["wave-key-now", "now"],
] as const;

function Legend(): ReactElement {
  return (
    <p className="wave-legend small dim" aria-hidden="true">
      {legend.map(([key, text]) => (
        <span key={key}>
          <span className={`wave-key ${key}`} /> {text}
        </span>
      ))}
    </p>
  );
}

function shareText(at: number, { from, to }: Stretch): string {
  return `${((at - from) / (to - from)) * 100}%`;
}

function timeText(at: number, zone: string): string {
  return timeOfDay(Temporal.Instant.fromEpochMilliseconds(Math.round(at)), zone).slice(0, 5);
}

/** `Sat 28 Mar`. */
function dayText(at: number, zone: string): string {
  return wallClock(Temporal.Instant.fromEpochMilliseconds(Math.round(at)), zone).replace(/ \d{4}.*$/, "");
}
