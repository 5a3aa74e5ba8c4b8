import type { ReactElement } from "react";
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { useRun } from "#web/plan/queries.ts";
import { looksOf, type Run } from "#web/plan/run.ts";
import { shortId } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { pictureOfRun, type Picture, type Row } from "./picture.ts";
import { useForecast, type WavePlan } from "./queries.ts";
import { WavePicture } from "./wave-picture.tsx";

/** How often the bars of what runs grow. */
const tickMs = 5000;

/** The waves of a run as they stand: what goes now, what soaks, and why the next has not begun. */
export function WaveRunPanel({ id, plan }: { readonly id: string; readonly plan: WavePlan | null }): ReactElement {
  const { data, error } = useRun(id);
  if (data === undefined) {
    return <Panel title="The run">{error === null ? <Loading lines={6} /> : <ErrorNote error={error} />}</Panel>;
  }
  return <RunWaves run={data} plan={plan} />;
}

function RunWaves({ run, plan }: { readonly run: Run; readonly plan: WavePlan | null }): ReactElement {
  const now = useNow(tickMs);
  const isOpen = run.endedAt === null;
  const version = run.steps.find(({ release }) => release !== null)?.release?.version ?? null;
  const question = !isOpen || version === null ? null : { version, risk: null, order: null, notBefore: null };
  const { data: forecast } = useForecast(plan?.name ?? run.runbook, plan === null ? null : question);
  const drawn = pictureOfRun(run, plan, forecast ?? null, now.epochMilliseconds);
  const picture = useReasons(drawn);
  return (
    <Panel
      title={isOpen ? "Under way" : "The last run"}
      side={
        <Link to="/runs/$id" params={{ id: run.id }}>
          Command view of {shortId(run.id)}
        </Link>
      }
    >
      <div className="stack">
        <p className="run-looks">
          {looksOf(run).map((look) => (
            <Badge key={look.label} {...look} />
          ))}
          {version !== null && <strong>{version}</strong>}
          {isOpen && run.turned === null && (
            <span className="small dim">
              The way back begins by itself <TimeText at={run.latestRollbackStart} now={now} />.
            </span>
          )}
        </p>
        <p className="wave-next">{isOpen ? nextText(picture, run) : run.headline}</p>
        <WavePicture picture={picture} now={now} />
      </div>
    </Panel>
  );
}

/** What runs now, and what the next wave waits for. */
function nextText({ waves }: Picture, run: Run): string {
  if (run.turned !== null) return run.headline;
  const named = (state: Row["state"]): readonly string[] =>
    waves.flatMap(({ rows }) => rows.filter((row) => row.state === state).map(({ environment }) => environment));
  const now = [
    ...named("running").map((name) => `${name} changes`),
    ...named("soaking").map((name) => `${name} soaks`),
    ...named("waiting").map((name) => `${name} is in a queue`),
  ];
  const next = waves.findIndex(({ rows }) => rows.every(({ state }) => state === "pending"));
  const because = waves[next]?.rows[0]?.because ?? null;
  const first = now.length === 0 ? run.headline : `Now: ${now.join(", ")}.`;
  return next < 0 ? first : `${first} Wave ${next + 1} waits for: ${because ?? "its turn."}`;
}

/** A deployment under way says itself what it waits for: its window, an approval, the lock. */
function useReasons(picture: Picture): Picture {
  const open = picture.waves.flatMap(({ rows }) =>
    rows.flatMap(({ state, deployment }) => (state === "running" && deployment !== null ? [deployment] : [])),
  );
  const found = useQueries({
    queries: open.map((id) => ({
      queryKey: ["deployment", id],
      queryFn: () => answered(api.getDeployment({ params: { id } })),
    })),
  });
  const said = new Map(found.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data.headline] as const])));
  const told = (row: Row): Row => ({ ...row, because: said.get(row.deployment ?? "") ?? row.because });
  return { ...picture, waves: picture.waves.map((wave) => ({ ...wave, rows: wave.rows.map(told) })) };
}
