import type { ReactElement } from "react";
import { Button } from "@mantine/core";
import { useZoneOf } from "#web/policy/questions.ts";
import type { DeploymentDetail, StateIcon, Tone } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Anchored } from "#web/ui/anchored.tsx";
import { Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote, ZonedTime } from "#web/ui/widgets.tsx";
import { CheckInForm } from "./check-in-form.tsx";
import { EndWatchDialog } from "./end-watch-dialog.tsx";
import { endWatchAsk, saySummary, useLiveWatch, watchAnchor, type Limit, type Watch } from "./watch.ts";

const standings: Readonly<
  Record<Limit["standing"], { readonly tone: Tone; readonly icon: StateIcon; readonly label: string }>
> = {
  quiet: { tone: "good", icon: "check", label: "within its limit" },
  breached: { tone: "bad", icon: "cross", label: "beyond its limit" },
  unknown: { tone: "wait", icon: "clock", label: "not known" },
};

const units: Readonly<Record<Limit["kind"], string>> = {
  errors: " % of requests",
  latency: " ms",
  health: "",
  integrity: "",
  budget: " % of the budget",
  metric: "",
};

const ends: Readonly<Record<NonNullable<Watch["exit"]>["how"], string>> = {
  green: "It ended with everything green.",
  unproven: "It ended unproven: not everything became green.",
  decided: "A person ended it.",
  superseded: "It ended when another version went live.",
  "taken-back": "It ended when the version was taken back.",
  "window-over": "Its time is over.",
};

interface PanelProps {
  readonly deployment: DeploymentDetail;
  /** Name of the dialog that is open, from the address. */
  readonly asking: string | undefined;
  readonly onAsk: (name: string | undefined) => void;
}

/** What is watched since the version is live; nothing where no Watch matches it. */
export function LiveWatchPanel({ deployment, asking, onAsk }: PanelProps): ReactElement | null {
  const { data, error } = useLiveWatch(deployment.id, deployment.state === "succeeded");
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined || data === null) return null;
  return (
    <Anchored id={watchAnchor}>
      <Panel title="Watched since it is live" side={data.watch}>
        <div className="stack">
          <Times watch={data} />
          <Limits limits={data.limits} />
          {data.stabilisation !== null && <Stabilising watch={data} stabilisation={data.stabilisation} />}
          <Acts watch={data} asking={asking} onAsk={onAsk} />
        </div>
      </Panel>
    </Anchored>
  );
}

interface ActsProps extends Omit<PanelProps, "deployment"> {
  readonly watch: Watch;
}

/** What the viewer may do about it; what they may not do says why. */
function Acts({ watch, asking, onAsk }: ActsProps): ReactElement {
  const checkIn = watch.actions.find(({ name }) => name === "check-in");
  const end = watch.actions.find(({ name }) => name === "end");
  return (
    <>
      {checkIn?.allowed === true && <CheckInForm deployment={watch.deployment} />}
      {checkIn?.allowed === false && <p className="small dim">Checking in: {checkIn.because}</p>}
      {end?.allowed === true && (
        <div>
          <Button size="xs" variant="outline" color="red" onClick={() => onAsk(endWatchAsk)}>
            End the watch…
          </Button>
        </div>
      )}
      {end?.allowed === false && <p className="small dim">Ending the watch: {end.because}</p>}
      {end?.allowed === true && asking === endWatchAsk && (
        <EndWatchDialog watch={watch} onClose={() => onAsk(undefined)} />
      )}
    </>
  );
}

function Times({ watch }: { readonly watch: Watch }): ReactElement {
  const now = useNow(1000);
  const zone = useZoneOf(watch.environment);
  if (watch.exit !== null) {
    const { how, by, reason } = watch.exit;
    return (
      <p>
        {ends[how]}
        {by !== null && ` ${by}`}
        {reason !== null && `: ${reason}`}
      </p>
    );
  }
  return (
    <>
      {watch.isBlind && <p>Nothing is known of it. The position is held: this is neither health nor harm.</p>}
      <p>
        {watch.phase === "armed"
          ? "A breach takes it back by itself until "
          : "Breaches are told, and nothing is taken back by itself. Watched until "}
        <ZonedTime at={watch.phase === "armed" ? watch.armedUntil : watch.watchedUntil} now={now} zone={zone} />
      </p>
    </>
  );
}

function Limits({ limits }: { readonly limits: readonly Limit[] }): ReactElement {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
    <section className="scroll" tabIndex={0} aria-label="Limits">
      <table className="table">
        <thead>
          <tr>
            {["Limit", "Harm is", "Fires at", "Does", "Stands"].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {limits.map(({ name, kind, above, worse, breaches, of, does, standing, metric }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {worse === "lower" ? "below" : "above"} {above}
                {metric === null ? units[kind] : ` ${metric.unit}`}
              </td>
              <td>
                {breaches} of {of}
              </td>
              <td>{does === "take-back" ? "takes it back" : "alerts"}</td>
              <td>
                <Badge {...standings[standing]} /> {metric !== null && <Measured metric={metric} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What a source said last of the newest minute, or why nobody knows. */
function Measured({ metric }: { readonly metric: NonNullable<Limit["metric"]> }): ReactElement | null {
  const { source, value, unit, trouble } = metric;
  if (trouble !== null) return <span className="small dim">{`${source}: ${trouble}`}</span>;
  return value === null ? null : (
    <span className="small dim">{`${source}: ${Number(value.toPrecision(3))} ${unit}`}</span>
  );
}

interface StabilisingProps {
  readonly watch: Watch;
  readonly stabilisation: NonNullable<Watch["stabilisation"]>;
}

/** Who looks after it, what its end takes, and a word from the watcher. */
function Stabilising({ watch, stabilisation }: StabilisingProps): ReactElement {
  const now = useNow(1000);
  const zone = useZoneOf(watch.environment);
  const { watcher, nextCheckIn, prolonged, criteria, checkIns } = stabilisation;
  const red = criteria.filter(({ isGreen }) => !isGreen);
  return (
    <>
      <p>
        {watcher === null ? "Nobody is named who looks after it." : `${watcher} looks after it.`}
        {prolonged > 0 && ` It was prolonged ${prolonged} times.`}
        {nextCheckIn !== null && (
          <>
            {" "}
            The next check-in is due <ZonedTime at={nextCheckIn} now={now} zone={zone} />.
          </>
        )}
      </p>
      <div>
        <strong>{saySummary(criteria)}</strong>
        <ul>
          {red.map(({ name, sentence }) => (
            <li key={name}>{sentence}</li>
          ))}
        </ul>
      </div>
      {checkIns.length > 0 && (
        <ul>
          {checkIns.toReversed().map(({ at, person, isWell, sentence }) => (
            <li key={at}>
              <ZonedTime at={at} now={now} zone={zone} />, {person}: {isWell ? "all is well" : "not well"}. {sentence}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
