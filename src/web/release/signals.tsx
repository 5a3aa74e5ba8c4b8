import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useNow } from "#web/runtime/clock.ts";
import { Icon, type IconName } from "#web/ui/icons.tsx";
import { Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import type { Tone } from "./deployment.ts";
import { currentSignals, signalsQuery, type Signal } from "./holds.ts";

const looks: Readonly<
  Record<Signal["report"]["status"], { readonly label: string; readonly tone: Tone; readonly icon: IconName }>
> = {
  outage: { label: "Outage", tone: "bad", icon: "cross" },
  degraded: { label: "Degraded", tone: "wait", icon: "warning" },
  unknown: { label: "Unknown", tone: "back", icon: "question" },
  ok: { label: "Ok", tone: "good", icon: "check" },
};

/** How services are, by the last word of each source; what needs a service that is not well is held. */
export function SignalsPanel(): ReactElement {
  const now = useNow(5000);
  const { data, error } = useQuery(signalsQuery);
  const signals = currentSignals(data?.items ?? []);
  return (
    <Panel title="Signals of services">
      {error !== null && <ErrorNote error={error} />}
      {data !== undefined && signals.length === 0 && <p className="dim">No service has reported how it is.</p>}
      <ul className="holds">
        {signals.map((one) => (
          <SignalLine key={one.id} signal={one} now={now} />
        ))}
      </ul>
    </Panel>
  );
}

interface LineProps {
  readonly signal: Signal;
  readonly now: Temporal.Instant;
}

export function SignalLine({ signal, now }: LineProps): ReactElement {
  const { service, environment, status, source, at } = signal.report;
  return (
    <li>
      <Badge {...looks[status]} />
      <span className="grow">
        <span>
          <Link to="/services/$name" params={{ name: service }}>
            {service}
          </Link>{" "}
          {environment === null ? "everywhere" : `in ${environment}`}
        </span>
        <span className="small dim">
          says {source}, <TimeText at={at} now={now} form="both" />
        </span>
      </span>
    </li>
  );
}

/** Beside a name: what is wrong with it, as an icon and a word. */
export function SignalMark({ signal }: { readonly signal: Signal }): ReactElement {
  const look = looks[signal.report.status];
  return (
    <span className={`matrix-open tone-${look.tone}`} title={`says ${signal.report.source}`}>
      <Icon name={look.icon} />
      {look.label.toLowerCase()}
    </span>
  );
}
