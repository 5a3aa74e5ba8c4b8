import { useEffect, useRef, type KeyboardEvent, type ReactElement, type RefObject } from "react";
import { useNavigate } from "@tanstack/react-router";
import type { Span } from "#core/span.ts";
import { useNow } from "#web/runtime/clock.ts";
import { placeIn, rangeOf, shareOf, type Day, type Place } from "./days.ts";
import { entriesOf, nextEntry, type Entry, type Lane } from "./entries.ts";
import { describe, entryLook } from "./look.ts";
import { packed, type Packing } from "./pack.ts";
import { dayText, lengthText, oddLength } from "./words.ts";

const moves = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "home",
  End: "end",
} as const;

interface LanesProps {
  readonly lanes: readonly Lane[];
  readonly days: readonly Day[];
  readonly zones: readonly string[];
  readonly current: Entry | null;
  readonly onCurrent: (entry: Entry) => void;
}

/** A week of elapsed time from left to right, a lane for each environment or unit. One stop for the Tab key. */
export function WeekLanes({ lanes, days, zones, current, onCurrent }: LanesProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  useNowInSight(box);
  const range = rangeOf(days);
  const entries = lanes.map((lane) => entriesOf(lane, range));
  const first = entries.find((all) => all.length > 0)?.[0]?.key ?? null;
  const isShown = current !== null && entries.some((all) => all.some(({ key }) => key === current.key));
  const stop = isShown ? current.key : first;
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = Object.entries(moves).find(([key]) => key === event.key)?.[1];
    if (move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = nextEntry(entries, stop, move);
    if (next === null) return;
    event.preventDefault();
    onCurrent(next);
    box.current?.querySelector<HTMLElement>(`[data-entry="${CSS.escape(next.key)}"]`)?.focus();
  };
  return (
    <div className="panel scroll">
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the bars within take the focus */}
      <div className="week" ref={box} onKeyDown={onKeyDown}>
        <DayHeads days={days} range={range} />
        {lanes.map((lane, index) => (
          <LaneRow
            key={`${lane.environment} ${lane.name}`}
            lane={lane}
            entries={entries[index] ?? []}
            days={days}
            range={range}
            zones={zones}
            stop={stop}
            onCurrent={onCurrent}
          />
        ))}
      </div>
    </div>
  );
}

/** Where the week is wider than the window, it opens at the present and not at Monday. */
function useNowInSight(box: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const [scroller, line] = [box.current?.parentElement, box.current?.querySelector<HTMLElement>(".week-now")];
    if (scroller === null || scroller === undefined || line === null || line === undefined) return;
    scroller.scrollLeft = line.offsetLeft - scroller.clientWidth / 3;
  }, [box]);
}

function at({ start, width }: Place): { readonly left: string; readonly width: string } {
  return { left: `${start * 100}%`, width: `${width * 100}%` };
}

function DayHeads({ days, range }: { readonly days: readonly Day[]; readonly range: Span }): ReactElement {
  const now = useNow(30_000);
  return (
    <div className="week-row week-heads" aria-hidden="true">
      <span />
      <div className="week-track">
        {days.map((day) => {
          const place = placeIn(range, day);
          if (place === null) return null;
          const isToday = shareOf(day, now) !== null;
          const odd = oddLength(day.hours);
          return (
            <span key={day.date.toString()} className={isToday ? "week-head today" : "week-head"} style={at(place)}>
              {dayText(day.date)}
              {odd !== null && <em title={odd}>{odd.replace(" hours", " h")}</em>}
            </span>
          );
        })}
      </div>
    </div>
  );
}

interface RowProps {
  readonly lane: Lane;
  readonly entries: readonly Entry[];
  readonly days: readonly Day[];
  readonly range: Span;
  readonly zones: readonly string[];
  readonly stop: string | null;
  readonly onCurrent: (entry: Entry) => void;
}

/** Room for the length of an opening beside a bar that is too short for it. */
const openingShare = 0.045;
/** A bar is at least this share of the week wide for its label; packing leaves the room. */
const labelShare = 0.11;

function LaneRow({ lane, entries, days, range, zones, stop, onCurrent }: RowProps): ReactElement {
  const length = range.to.epochMilliseconds - range.from.epochMilliseconds;
  const spanOf = (entry: Entry): Span => entry.span;
  const of = (...kinds: readonly Entry["kind"][]): readonly Entry[] =>
    entries.filter(({ kind }) => kinds.includes(kind));
  const groups: readonly Packing<Entry>[] = [
    packed(of("opening"), spanOf, length * openingShare),
    packed(of("freeze", "some", "caution"), spanOf),
    packed(of("booking"), spanOf, length * labelShare),
  ].filter(({ tracks }) => tracks > 0);
  return (
    <section className="week-row" aria-label={`${lane.name}, ${lane.zone}`}>
      <div className="week-label">
        <strong>{lane.name}</strong>
        <span>{lane.unit === null ? lane.zone : `${lane.environment}, ${lane.zone}`}</span>
        <span>{laneState(lane)}</span>
      </div>
      <div className="week-track">
        <Backdrop lane={lane} entries={entries} days={days} range={range} />
        {groups.length === 0 && <p className="week-empty">{lane.restricted ? "Never open this week" : ""}</p>}
        {groups.map((group) => (
          <div key={group.items[0]?.item.kind} className="week-group">
            {Array.from({ length: group.tracks }, (_, track) => (
              <div key={track} className="week-line">
                {group.items
                  .filter((one) => one.track === track)
                  .map(({ item }) => (
                    <Bar key={item.key} entry={item} range={range} zones={zones} stop={stop} onCurrent={onCurrent} />
                  ))}
              </div>
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function laneState({ restricted, faults }: Lane): string {
  if (faults.length > 0) return "closed: a rule cannot be read";
  return restricted ? "" : "no window restricts";
}

/** Behind the bars: what is open, what is frozen, days, clock changes and now; the bars say the same in words. */
function Backdrop({ lane, entries, days, range }: Pick<RowProps, "lane" | "entries" | "days" | "range">): ReactElement {
  const now = shareOf(range, useNow(30_000));
  const shades = entries.filter(({ kind }) => kind === "opening" || kind === "freeze");
  return (
    <div className="week-backdrop" aria-hidden="true">
      {!lane.restricted && lane.faults.length === 0 && (
        <span className="shade opening" style={{ left: 0, width: "100%" }} />
      )}
      {shades.map(({ key, kind, span }) => {
        const place = placeIn(range, span);
        return place === null ? null : <span key={key} className={`shade ${kind}`} style={at(place)} />;
      })}
      {days.slice(1).map((day) => (
        <span
          key={day.date.toString()}
          className="week-border"
          style={{ left: `${(shareOf(range, day.from) ?? 0) * 100}%` }}
        />
      ))}
      {lane.clockChanges.map((change) => {
        const share = shareOf(range, Temporal.Instant.from(change.at));
        return share === null ? null : (
          <span key={change.at} className="week-change" style={{ left: `${share * 100}%` }} />
        );
      })}
      {now !== null && <span className="week-now" style={{ left: `${now * 100}%` }} />}
    </div>
  );
}

interface BarProps {
  readonly entry: Entry;
  readonly range: Span;
  readonly zones: readonly string[];
  readonly stop: string | null;
  readonly onCurrent: (entry: Entry) => void;
}

function Bar({ entry, range, zones, stop, onCurrent }: BarProps): ReactElement | null {
  const navigate = useNavigate();
  const place = placeIn(range, entry.span);
  if (place === null) return null;
  const { booking } = entry;
  const open = (): void => {
    onCurrent(entry);
    if (booking !== null) void navigate({ to: "/deployments/$id", params: { id: booking.id } });
  };
  const text = describe(entry, zones);
  return (
    <button
      type="button"
      className={`bar ${entry.kind} tone-${entryLook(entry).tone}`}
      style={at(place)}
      data-entry={entry.key}
      tabIndex={entry.key === stop ? 0 : -1}
      aria-label={booking === null ? text : `${text}; opens the deployment`}
      title={text.replaceAll("; ", "\n")}
      onClick={open}
      onFocus={() => onCurrent(entry)}
      onPointerEnter={() => onCurrent(entry)}
    >
      <span>{entry.kind === "opening" ? lengthText(entry.span) : entry.title}</span>
    </button>
  );
}
