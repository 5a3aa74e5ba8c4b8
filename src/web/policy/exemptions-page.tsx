import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Checkbox } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { answered, api } from "#web/api.ts";
import { BrakeTabs } from "#web/release/brake-tabs.tsx";
import type { Tone } from "#web/release/deployment.ts";
import { scopeText } from "#web/release/holds.ts";
import { useNow } from "#web/runtime/clock.ts";
import type { IconName } from "#web/ui/icons.tsx";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { Badge, CommandLine, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import "#web/release/holds.css";

interface Look {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

const shown = 100;

/** What lets work through in spite of a rule, who answers for it, and what is owed for it. */
export function ExemptionsPage(): ReactElement {
  const search = useSearch({ from: "/exemptions" });
  const navigate = useNavigate({ from: "/exemptions" });
  const show = search.show === "all" ? "all" : "open";
  return (
    <Page title="Exemptions and emergencies">
      <BrakeTabs />
      <Checkbox
        label="Show what is over too"
        checked={show === "all"}
        onChange={(event) =>
          void navigate({ search: event.currentTarget.checked ? { show: "all" } : {}, replace: true })
        }
      />
      <Exemptions show={show} />
      <Emergencies show={show} />
      <Debts show={show} />
      <div>
        <CommandLine command="tidegate exemption list" />
      </div>
    </Page>
  );
}

interface ShowProps {
  readonly show: "open" | "all";
}

const exemptionLooks: Readonly<Record<"requested" | "planned" | "in-force" | "ended" | "revoked", Look>> = {
  requested: { label: "Asked for", tone: "wait", icon: "clock" },
  planned: { label: "Planned", tone: "wait", icon: "clock" },
  "in-force": { label: "In force", tone: "good", icon: "check" },
  ended: { label: "Ended", tone: "rest", icon: "minus" },
  revoked: { label: "Revoked", tone: "bad", icon: "cross" },
};

function Exemptions({ show }: ShowProps): ReactElement {
  const now = useNow(5000);
  const { data, error } = useQuery({
    queryKey: ["exemptions", show],
    queryFn: ({ signal }) => answered(api.listExemptions({ signal, query: { show, limit: shown } })),
  });
  return (
    <Panel title="Exemptions">
      <ListState error={error} count={data?.items.length} nothing="No exemption." />
      <ul className="holds">
        {data?.items.map((one) => (
          <li key={one.id} id={one.id}>
            <Badge {...exemptionLooks[one.state]} />
            <span className="grow">
              <span>
                <strong className="mono">{one.id}</strong> {one.type}:{" "}
                <Link to="/rules/$rule" params={{ rule: one.rule }} className="mono">
                  {one.rule}
                </Link>
                {one.subjects.length > 0 && ` (${one.subjects.join(", ")})`} for {scopeText(one.scope)}
              </span>
              <span>{one.justification}</span>
              {one.controls.length > 0 && <span className="small">Instead: {one.controls.join("; ")}</span>}
              <span className="small dim">
                <TimeText at={one.from} now={now} form="absolute" /> to{" "}
                <TimeText at={one.until} now={now} form="absolute" />; asked for by {one.requestedBy}
                {one.approvals.length > 0 && `, approved by ${one.approvals.map(({ person }) => person).join(" and ")}`}
                ; used {one.uses} {one.uses === 1 ? "time" : "times"}
                {one.renews !== null && `; renews ${one.renews}`}
                {one.revoked !== null && `; revoked by ${one.revoked.by}: ${one.revoked.reason}`}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const emergencyLooks: Readonly<Record<"opened" | "permitted" | "over", Look>> = {
  opened: { label: "Opened", tone: "wait", icon: "hand" },
  permitted: { label: "Permitted", tone: "bad", icon: "warning" },
  over: { label: "Over", tone: "rest", icon: "minus" },
};

function Emergencies({ show }: ShowProps): ReactElement {
  const now = useNow(5000);
  const { data, error } = useQuery({
    queryKey: ["emergencies"],
    queryFn: ({ signal }) => answered(api.listEmergencies({ signal, query: { limit: shown } })),
  });
  const items = data?.items.filter(({ state }) => show === "all" || state !== "over");
  return (
    <Panel title="Emergencies">
      <ListState error={error} count={items?.length} nothing="No emergency." />
      <ul className="holds">
        {items?.map((one) => (
          <li key={one.id} id={one.id}>
            <Badge {...emergencyLooks[one.state]} />
            <span className="grow">
              <span>
                <strong className="mono">{one.id}</strong> {one.service} <span className="mono">{one.version}</span> in{" "}
                {one.environments.join(", ")}, ticket {one.ticket}
              </span>
              <span>{one.cause}</span>
              <span className="small dim">
                {one.openedBy}, <TimeText at={one.openedAt} now={now} form="both" />
                {one.approvals.length > 0 && `; approved by ${one.approvals.map(({ person }) => person).join(" and ")}`}
                {one.until !== null && (
                  <>
                    ; until <TimeText at={one.until} now={now} form="absolute" />
                  </>
                )}
                {one.impact !== null && `; ${one.impact.length} services would feel it`}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const debtLooks: Readonly<Record<"open" | "overdue" | "paid", Look>> = {
  open: { label: "Owed", tone: "wait", icon: "clock" },
  overdue: { label: "Overdue", tone: "bad", icon: "warning" },
  paid: { label: "Paid", tone: "good", icon: "check" },
};

function Debts({ show }: ShowProps): ReactElement {
  const now = useNow(5000);
  const { data, error } = useQuery({
    queryKey: ["debts", show],
    queryFn: ({ signal }) => answered(api.listDebts({ signal, query: { show, limit: shown } })),
  });
  return (
    <Panel title="What emergencies owe">
      <ListState error={error} count={data?.items.length} nothing="Nothing is owed." />
      <ul className="holds">
        {data?.items.map((one) => (
          <li key={one.id} id={one.id}>
            <Badge {...debtLooks[one.state]} />
            <span className="grow">
              <span>
                <strong className="mono">{one.id}</strong> {one.kind} by team {one.team}, for {one.emergency}
              </span>
              <span className="small dim">
                due <TimeText at={one.dueAt} now={now} form="both" />
                {one.paidAt !== null && (
                  <>
                    ; paid by {one.paidBy} <TimeText at={one.paidAt} now={now} form="both" />: {one.evidence}
                  </>
                )}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface StateProps {
  readonly error: unknown;
  readonly count: number | undefined;
  readonly nothing: string;
}

/** What a list says before it has lines, or when it has none. */
function ListState({ error, count, nothing }: StateProps): ReactElement | null {
  if (error !== null) return <ErrorNote error={error} />;
  if (count === undefined) return <Loading lines={2} />;
  return count === 0 ? <p className="dim">{nothing}</p> : null;
}
