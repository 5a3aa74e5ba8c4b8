import { useState, type ReactElement } from "react";
import { dayText } from "#web/calendar/words.ts";
import { absolute, wallClock } from "#web/ui/time.ts";
import { courseWord, midnightsOf, shareAt, tracksOf, type Course, type Piece, type Track } from "./outline.ts";
import type { VerdictOutline } from "./questions.ts";
import "./outline.css";

interface PictureProps {
  readonly outline: VerdictOutline;
  readonly zone: string;
  /** The instant of the slider. */
  readonly at: string;
}

/** One lane per rule that is not always in favour, and one for all together. What passes throughout is counted. */
export function OutlinePicture({ outline, zone, at }: PictureProps): ReactElement {
  const { tracks, quiet } = tracksOf(outline);
  return (
    <div className="outline">
      <Legend zone={zone} quiet={quiet} />
      <div className="outline-lanes">
        <Days outline={outline} zone={zone} />
        {tracks.map((track) => (
          <TrackRow key={track.name} track={track} outline={outline} zone={zone} at={at} />
        ))}
      </div>
      <AsTable tracks={tracks} zone={zone} />
    </div>
  );
}

const legend: readonly Course[] = ["passes", "too-short", "waits", "stops"];

function Legend({ zone, quiet }: { readonly zone: string; readonly quiet: number }): ReactElement {
  return (
    <p className="outline-legend small dim">
      {legend.map((course) => (
        <span key={course}>
          <i className={`outline-key course-${course}`} aria-hidden="true" />
          {courseWord(course)}
        </span>
      ))}
      <span>
        {quiet} more {quiet === 1 ? "rule passes" : "rules pass"} all the time · days of {zone}
      </span>
    </p>
  );
}

/** Labels closer than this share of the width would touch. */
const labelShare = 0.1;

function Days({ outline, zone }: Pick<PictureProps, "outline" | "zone">): ReactElement {
  const ticks = midnightsOf(outline, zone);
  const every = Math.max(1, Math.ceil(labelShare * (ticks.length + 1)));
  return (
    <div className="outline-row outline-days" aria-hidden="true">
      <span />
      <div className="outline-track">
        {ticks.map(({ share, date }, index) => (
          <span key={date.toString()} className="outline-day" style={{ left: `${share * 100}%` }}>
            {index % every === 0 && share < 1 - labelShare ? dayText(date) : ""}
          </span>
        ))}
      </div>
    </div>
  );
}

interface RowProps extends PictureProps {
  readonly track: Track;
}

function TrackRow({ track, outline, zone, at }: RowProps): ReactElement {
  const isJoint = track.name === "all rules";
  return (
    <div className={isJoint ? "outline-row joint" : "outline-row"}>
      <span className="outline-name mono" aria-hidden="true">
        {track.name}
      </span>
      <p className="hidden-visually">{said(track, zone)}</p>
      <div className="outline-track" aria-hidden="true">
        {track.pieces.map((piece) => (
          <i
            key={piece.from}
            className={`outline-piece course-${piece.course}`}
            style={{ left: `${piece.start * 100}%`, width: `${piece.width * 100}%` }}
            title={titleOf(piece, zone)}
          />
        ))}
        {track.cutAt !== null && <i className="outline-cut" style={{ left: `${track.cutAt * 100}%` }} />}
        <i className="outline-here" style={{ left: `${shareAt(outline, at) * 100}%` }} />
      </div>
    </div>
  );
}

function titleOf(piece: Piece, zone: string): string {
  const times = `${wallClock(Temporal.Instant.from(piece.from), zone)} to ${absolute(Temporal.Instant.from(piece.to), zone)}`;
  return `${courseWord(piece.course)}, ${times}${piece.sentence === "" ? "" : `: ${piece.sentence}`}`;
}

/** More pieces than this are no sentence; the table has them. */
const spoken = 4;

function said({ name, pieces, cutAt }: Track, zone: string): string {
  const first = pieces
    .slice(0, spoken)
    .map(({ course, to }) => `${courseWord(course)} until ${wallClock(Temporal.Instant.from(to), zone)}`);
  const more = pieces.length > spoken ? `, and ${pieces.length - spoken} more changes` : "";
  return `${name}: ${first.join(", then ")}${more}${cutAt === null ? "" : "; not drawn to its end"}`;
}

function AsTable({ tracks, zone }: { readonly tracks: readonly Track[]; readonly zone: string }): ReactElement {
  const [isShown, setIsShown] = useState(false);
  return (
    <details open={isShown} onToggle={(event) => setIsShown(event.currentTarget.open)}>
      <summary>Show as a table</summary>
      {isShown && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard
        <section className="scroll outline-table" aria-label="Rules over the coming days" tabIndex={0}>
          <table className="table">
            <caption className="hidden-visually">How each rule stands; times in {zone}</caption>
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">It</th>
                <th scope="col">It says</th>
              </tr>
            </thead>
            <tbody>
              {tracks.flatMap(({ name, pieces }) =>
                pieces.map((piece) => (
                  <tr key={`${name} ${piece.from}`}>
                    <td className="mono">{name}</td>
                    <td className="nowrap">{wallClock(Temporal.Instant.from(piece.from), zone)}</td>
                    <td className="nowrap">{wallClock(Temporal.Instant.from(piece.to), zone)}</td>
                    <td>{courseWord(piece.course)}</td>
                    <td>{piece.sentence}</td>
                  </tr>
                )),
              )}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}
