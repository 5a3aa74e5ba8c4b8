import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import { Panel } from "#web/ui/page.tsx";
import { Badge, ErrorNote } from "#web/ui/widgets.tsx";
import { useNow } from "#web/runtime/clock.ts";
import { wire } from "#web/ui/time.ts";
import { coverLook } from "./cover.ts";
import { useCover, type Cover } from "./planning-queries.ts";
import { useTimetable } from "./queries.ts";
import { SlotTimes } from "./slot-times.tsx";
import { spanText } from "./words.ts";
import { spanOf } from "./days.ts";

interface CoverProps {
  readonly environment: string;
  readonly service: string;
}

/** Whether somebody is there if the chosen service went live at the start of each of its next openings. */
export function CoverPanel({ environment, service }: CoverProps): ReactElement | null {
  const { data } = useTimetable(environment, service);
  const now = useNow(60_000);
  const minute = now.round({ smallestUnit: "minute", roundingMode: "floor" });
  const starts = [
    ...new Set(
      (data?.next ?? []).map(({ from }) => {
        const start = from === null ? minute : Temporal.Instant.from(from);
        return wire(Temporal.Instant.compare(start, minute) < 0 ? minute : start);
      }),
    ),
  ];
  const answers = useCover(service, environment, starts);
  if (starts.length === 0) return null;
  const isUnjudged = answers.length > 0 && answers.every(({ data: cover }) => cover?.isJudged === false);
  if (isUnjudged) return <Unjudged service={service} />;
  return (
    <Panel title="Support cover" side={`go-live and stabilisation of ${service}`}>
      <ul className="covers">
        {answers.map(({ data: cover, error }, index) => (
          <li key={starts[index]}>
            {error !== null && <ErrorNote error={error} />}
            {cover !== undefined && <CoverLine cover={cover} />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Unjudged({ service }: { readonly service: string }): ReactElement {
  return (
    <Panel title="Support cover" side={`go-live and stabilisation of ${service}`}>
      <p className="small dim">
        No rota is declared or imported, so nobody can say who is there. <Link to="/calendar/sources">Rotas</Link>
      </p>
    </Panel>
  );
}

function CoverLine({ cover }: { readonly cover: Cover }): ReactElement {
  const look = coverLook(cover);
  const { zone, gaps, unknown, onDuty } = cover;
  return (
    <div className="cover">
      <Badge tone={look.tone} icon={look.icon} label={look.label} />
      <SlotTimes span={cover} zone={zone} />
      <div className="small">
        {gaps.map((gap) => (
          <p key={`${gap.team} ${gap.from}`}>
            Nobody of <strong>{gap.team}</strong> {spanText(spanOf(gap), zone)} ({gap.services.join(", ")}, tier{" "}
            {gap.tier}).{" "}
            {gap.candidates.length === 0
              ? "Nobody could step in."
              : `Could step in: ${gap.candidates.map(({ person, why }) => `${person} (${why})`).join(", ")}.`}
          </p>
        ))}
        {unknown.map(({ team, why }) => (
          <p key={team}>
            Of <strong>{team}</strong> nobody knows: {why}
          </p>
        ))}
        {gaps.length === 0 &&
          onDuty.map(({ team, persons }) => (
            <p key={team} className="dim">
              {team}: {persons.join(", ")}
            </p>
          ))}
      </div>
    </div>
  );
}
