import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { meQuery } from "#web/access/session.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { TimeText } from "#web/ui/widgets.tsx";
import { useStops, type Stop } from "./holds.ts";

/** On every page while a global stop is in force: who, why, until when, and the way to end it for those who may. */
export function StopBanner(): ReactElement | null {
  const { data } = useStops("in-force");
  const { data: me } = useQuery(meQuery);
  const stops = data?.items.filter(({ inForce }) => inForce) ?? [];
  if (stops.length === 0) return null;
  const mayResume = me?.permissions.includes("stop.change") === true;
  return (
    <section aria-label="Global stop">
      {stops.map((stop) => (
        <StopLine key={stop.id} stop={stop} mayResume={mayResume} />
      ))}
    </section>
  );
}

function StopLine({ stop, mayResume }: { readonly stop: Stop; readonly mayResume: boolean }): ReactElement {
  const now = useNow(5000);
  return (
    <div className="banner stop-banner tone-bad">
      <Icon name="stop" />
      <span>
        <strong>Global stop.</strong> Nothing starts{stop.allowsRollBack ? " but roll-backs" : ""}. {stop.by} since{" "}
        <TimeText at={stop.since} now={now} />: {stop.reason}{" "}
        {stop.until === null ? (
          "Until somebody resumes."
        ) : (
          <>
            Until <TimeText at={stop.until} now={now} form="both" />.
          </>
        )}
      </span>
      {mayResume ? (
        <Link to="/holds" search={{ resume: stop.id }} className="act-button">
          Resume…
        </Link>
      ) : (
        <Link to="/holds">Details</Link>
      )}
    </div>
  );
}
