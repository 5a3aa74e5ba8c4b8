import { useState, type ReactElement } from "react";
import { Button, Checkbox, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { liveWatch } from "#contract/watch.ts";
import { meQuery } from "#web/access/session.ts";
import { answered, api, RefusedError } from "#web/api.ts";
import { useZoneOf } from "#web/policy/questions.ts";
import type { DeploymentDetail, StateIcon, Tone } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote, ZonedTime } from "#web/ui/widgets.tsx";

type Watch = z.infer<typeof liveWatch>;
type Limit = Watch["limits"][number];

/** A live version is looked at every two seconds; a page needs no more than this. */
const refreshMs = 5000;

function useLiveWatch(id: string, isLive: boolean): UseQueryResult<Watch | null> {
  return useQuery({
    queryKey: ["live-watch", id],
    enabled: isLive,
    queryFn: async ({ signal }) => {
      try {
        return await answered(api.getLiveWatch({ signal, params: { id } }));
      } catch (error) {
        if (error instanceof RefusedError && error.problem.code === "not-watched") return null;
        throw error;
      }
    },
    refetchInterval: ({ state }) => (state.data?.exit === null ? refreshMs : false),
  });
}

const standings: Readonly<
  Record<Limit["standing"], { readonly tone: Tone; readonly icon: StateIcon; readonly label: string }>
> = {
  quiet: { tone: "good", icon: "check", label: "within its limit" },
  breached: { tone: "bad", icon: "cross", label: "above its limit" },
  unknown: { tone: "wait", icon: "clock", label: "not known" },
};

const units: Readonly<Record<Limit["kind"], string>> = {
  errors: " % of requests",
  latency: " ms",
  health: "",
  integrity: "",
  budget: " % of the budget",
};

const ends: Readonly<Record<NonNullable<Watch["exit"]>["how"], string>> = {
  green: "It ended with everything green.",
  unproven: "It ended unproven: not everything became green.",
  decided: "A person ended it.",
  superseded: "It ended when another version went live.",
  "taken-back": "It ended when the version was taken back.",
  "window-over": "Its time is over.",
};

/** What is watched since the version is live; nothing where no Watch matches it. */
export function LiveWatchPanel({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement | null {
  const { data, error } = useLiveWatch(deployment.id, deployment.state === "succeeded");
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined || data === null) return null;
  return (
    <Panel title="Watched since it is live" side={data.watch}>
      <div className="stack">
        <Times watch={data} />
        <Limits limits={data.limits} />
        {data.stabilisation !== null && <Stabilising watch={data} stabilisation={data.stabilisation} />}
      </div>
    </Panel>
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
            {["Limit", "Above", "Fires at", "Does", "Stands"].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {limits.map(({ name, kind, above, breaches, of, does, standing }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {above}
                {units[kind]}
              </td>
              <td>
                {breaches} of {of}
              </td>
              <td>{does === "take-back" ? "takes it back" : "alerts"}</td>
              <td>
                <Badge {...standings[standing]} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
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
        <strong>
          {red.length === 0
            ? "Everything is green."
            : `${criteria.length - red.length} of ${criteria.length} are green.`}
        </strong>
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
      {watch.exit === null && watcher !== null && <CheckInForm deployment={watch.deployment} />}
    </>
  );
}

/** Shown to whoever may answer tasks; the server says whether it is they who are asked. */
function CheckInForm({ deployment }: { readonly deployment: string }): ReactElement | null {
  const queries = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const [sentence, setSentence] = useState("");
  const [isWell, setIsWell] = useState(true);
  const say = useMutation({
    mutationFn: () => answered(api.checkInOnWatch({ params: { id: deployment }, body: { isWell, sentence } })),
    onSuccess: (watch) => {
      queries.setQueryData(["live-watch", deployment], watch);
      setSentence("");
    },
  });
  if (me?.permissions.includes("task.answer") !== true) return null;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        say.mutate();
      }}
    >
      <Textarea
        label="How does it do?"
        required
        maxLength={2000}
        value={sentence}
        onChange={(event) => setSentence(event.currentTarget.value)}
      />
      <Checkbox label="All is well" checked={isWell} onChange={(event) => setIsWell(event.currentTarget.checked)} />
      {say.error !== null && <ErrorNote error={say.error} />}
      <div>
        <Button type="submit" size="xs" loading={say.isPending}>
          Check in
        </Button>
      </div>
    </form>
  );
}
