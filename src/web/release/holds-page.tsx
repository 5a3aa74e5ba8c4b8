import type { ReactElement } from "react";
import { Button, Checkbox } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { meQuery } from "#web/access/session.ts";
import { answered, api } from "#web/api.ts";
import { isMeant } from "#web/policy/acts.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { ReasonDialog } from "#web/ui/reason-dialog.tsx";
import { Badge, CommandLine, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { BrakeTabs } from "./brake-tabs.tsx";
import { HoldDialog, StopDialog } from "./hold-dialogs.tsx";
import { scopeText, useHolds, useStops, type Hold, type HoldsSearch, type Stop } from "./holds.ts";
import { ReportersPanel } from "./reporters.tsx";
import { present } from "./search.ts";
import { SignalsPanel } from "./signals.tsx";
import "./holds.css";

/** What somebody has stopped, what is not well, and who can let it go on. */
export function HoldsPage(): ReactElement {
  const search = useSearch({ from: "/holds" });
  const navigate = useNavigate({ from: "/holds" });
  const { data: me } = useQuery(meQuery);
  const show = search.show ?? "in-force";
  const stops = useStops(show);
  const holds = useHolds(show);
  const change = (part: HoldsSearch): void => void navigate({ search: present({ ...search, ...part }), replace: true });
  const may = (permission: string): boolean => me?.permissions.includes(permission) === true;
  const error = stops.error ?? holds.error;
  return (
    <Page title="Holds" side={<Beginnings may={may} onAsk={(ask) => change({ ask })} />}>
      <BrakeTabs />
      {error !== null && <ErrorNote error={error} />}
      <Checkbox
        label="Show those that have ended too"
        checked={search.show === "all"}
        onChange={(event) => change({ show: event.currentTarget.checked ? "all" : undefined })}
      />
      {stops.data === undefined || holds.data === undefined ? (
        error === null && <Loading lines={6} />
      ) : (
        <>
          <StopsPanel
            stops={stops.data.items}
            mayResume={may("stop.change")}
            onResume={(resume) => change({ resume })}
          />
          <HoldsPanel
            holds={holds.data.items}
            mayLift={(hold) => may("hold.change") && isMeant(hold.liftedBy, me)}
            onLift={(lift) => change({ lift })}
          />
        </>
      )}
      <SignalsPanel />
      <ReportersPanel />
      <div>
        <CommandLine command={search.show === "all" ? "tidegate holds --all" : "tidegate holds"} />
      </div>
      <Dialogs search={search} stops={stops.data?.items ?? []} holds={holds.data?.items ?? []} onChange={change} />
    </Page>
  );
}

interface BeginningProps {
  readonly may: (permission: string) => boolean;
  readonly onAsk: (ask: "hold" | "stop") => void;
}

function Beginnings({ may, onAsk }: BeginningProps): ReactElement {
  return (
    <>
      {may("hold.change") && <Button onClick={() => onAsk("hold")}>Place a hold…</Button>}
      {may("stop.change") && (
        <Button color="red" variant="outline" onClick={() => onAsk("stop")}>
          Stop everything…
        </Button>
      )}
    </>
  );
}

interface StopsProps {
  readonly stops: readonly Stop[];
  readonly mayResume: boolean;
  readonly onResume: (id: string) => void;
}

function StopsPanel({ stops, mayResume, onResume }: StopsProps): ReactElement {
  return (
    <Panel title="Global stops">
      {stops.length === 0 && <p className="dim">Nothing is stopped.</p>}
      <ul className="holds">
        {stops.map((stop) => (
          <li key={stop.id}>
            <StateOf one={stop} word="Stopped" />
            <span className="grow">
              <strong>Everything{stop.allowsRollBack ? " but roll-backs" : ""}</strong>
              <Story one={stop} />
            </span>
            {stop.inForce && mayResume && (
              <Button size="xs" variant="outline" onClick={() => onResume(stop.id)}>
                Resume…
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface HoldsProps {
  readonly holds: readonly Hold[];
  readonly mayLift: (hold: Hold) => boolean;
  readonly onLift: (id: string) => void;
}

function HoldsPanel({ holds, mayLift, onLift }: HoldsProps): ReactElement {
  return (
    <Panel title="Holds">
      {holds.length === 0 && <p className="dim">Nothing is on hold.</p>}
      <ul className="holds">
        {holds.map((hold) => (
          <li key={hold.id}>
            <StateOf one={hold} word="Held" />
            <span className="grow">
              <strong>{scopeText(hold.scope)}</strong>
              <Story one={hold} />
              {hold.inForce && <span className="small dim">Lifted by {hold.liftedBy}.</span>}
            </span>
            {hold.inForce && mayLift(hold) && (
              <Button size="xs" variant="outline" onClick={() => onLift(hold.id)}>
                Lift…
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function StateOf({ one, word }: { readonly one: Hold | Stop; readonly word: string }): ReactElement {
  return one.inForce ? <Badge tone="bad" icon="hold" label={word} /> : <Badge tone="rest" icon="check" label="Ended" />;
}

/** Who, since when, why, and how it ends or ended. */
function Story({ one }: { readonly one: Hold | Stop }): ReactElement {
  const now = useNow(5000);
  return (
    <>
      <span className="hold-reason">{one.reason}</span>
      <span className="small dim">
        {one.by}, <TimeText at={one.since} now={now} form="both" />
        {one.ended === null && one.until !== null && (
          <>
            ; ends by itself <TimeText at={one.until} now={now} form="both" />
          </>
        )}
        {one.ended === null && one.until === null && "; somebody has to end it"}
        {one.ended !== null && (
          <>
            ; ended by {one.ended.by} <TimeText at={one.ended.at} now={now} form="both" />: {one.ended.reason}
          </>
        )}
        .
      </span>
    </>
  );
}

interface DialogsProps {
  readonly search: HoldsSearch;
  readonly stops: readonly Stop[];
  readonly holds: readonly Hold[];
  readonly onChange: (part: HoldsSearch) => void;
}

function Dialogs({ search, stops, holds, onChange }: DialogsProps): ReactElement | null {
  const close = (): void => onChange({ ask: undefined, lift: undefined, resume: undefined });
  const stop = stops.find(({ id, inForce }) => id === search.resume && inForce);
  const hold = holds.find(({ id, inForce }) => id === search.lift && inForce);
  if (stop !== undefined) return <EndDialog one={stop} kind="stop" onClose={close} />;
  if (hold !== undefined) return <EndDialog one={hold} kind="hold" onClose={close} />;
  if (search.ask === "hold") return <HoldDialog onClose={close} />;
  return search.ask === "stop" ? <StopDialog onClose={close} /> : null;
}

interface EndProps {
  readonly one: Hold | Stop;
  readonly kind: "hold" | "stop";
  readonly onClose: () => void;
}

function EndDialog({ one, kind, onClose }: EndProps): ReactElement {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: async (reason: string | null): Promise<void> => {
      const given = { params: { id: one.id }, body: { reason: reason ?? "" } };
      if (kind === "hold") await answered(api.liftHold(given));
      else await answered(api.resumeAll(given));
    },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries();
    },
  });
  return (
    <ReasonDialog
      title={kind === "hold" ? "Lift the hold" : "Resume"}
      subject={"scope" in one ? scopeText(one.scope) : `The global stop of ${one.by}`}
      consequence={`“${one.reason}” What waits for it is judged again at once.`}
      reason="required"
      confirm={kind === "hold" ? "Lift it" : "Resume"}
      tone="good"
      isBusy={end.isPending}
      error={end.error}
      onConfirm={(reason) => end.mutate(reason)}
      onClose={onClose}
    />
  );
}
