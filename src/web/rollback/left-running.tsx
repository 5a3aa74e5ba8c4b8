import type { ReactElement } from "react";
import { useNow } from "#web/runtime/clock.ts";
import { Anchored } from "#web/ui/anchored.tsx";
import { Badge, CommandLine, TimeText } from "#web/ui/widgets.tsx";
import { leftAnchor, sayForcedOut, saySessions, type LeftVersion, type WayBack } from "./way-back.ts";

/** Versions that were left running when this one went live: who still lives in them, and what became of them. */
export function LeftRunning({ way, id }: { readonly way: WayBack; readonly id: string }): ReactElement | null {
  if (way.left.length === 0) return null;
  return (
    <Anchored id={leftAnchor}>
      <section aria-label="Versions left running">
        <h3 className="way-back-title">Left running</h3>
        <ul className="way-back-limits">
          {way.left.map((left) => (
            <li key={left.version}>
              {left.ended === null ? <Open left={left} id={id} /> : <Over left={left} end={left.ended} />}
            </li>
          ))}
        </ul>
      </section>
    </Anchored>
  );
}

function Open({ left, id }: { readonly left: LeftVersion; readonly id: string }): ReactElement {
  const now = useNow(5000);
  const { version, sessions, askAt, endWantedBy } = left;
  return (
    <>
      <Badge tone="wait" icon="warning" label="Runs on" /> <span className="mono">{version}</span>{" "}
      {sessions === null ? "without users; it is stopped as soon as the target does it." : `has ${saySessions(left)}.`}
      {endWantedBy !== null && ` ${endWantedBy} has decided that they end.`}
      {sessions !== null && endWantedBy === null && askAt !== null && (
        <>
          {" "}
          It is stopped when they have ended; people are asked again <TimeText at={askAt} now={now} />.
          <CommandLine command={`tidegate way-back sessions ${id} --end --reason "..."`} />
        </>
      )}
    </>
  );
}

interface OverProps {
  readonly left: LeftVersion;
  readonly end: NonNullable<LeftVersion["ended"]>;
}

function Over({ left: { version }, end }: OverProps): ReactElement {
  const now = useNow(5000);
  return (
    <>
      <Badge
        tone={end.how === "forced" ? "bad" : "good"}
        icon={end.how === "forced" ? "warning" : "check"}
        label={ends[end.how]}
      />{" "}
      <span className="mono">{version}</span> <TimeText at={end.at} now={now} />: {sayForcedOut(end)}
    </>
  );
}

const ends = { stopped: "Stopped", forced: "Ended by force", "in-use": "In use again", gone: "Gone" } as const;
