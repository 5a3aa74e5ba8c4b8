import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import type { Me } from "#web/policy/acts.ts";
import type { Tone } from "#web/release/deployment.ts";
import { scopeText } from "#web/release/holds.ts";
import { useNow } from "#web/runtime/clock.ts";
import type { IconName } from "#web/ui/icons.tsx";
import { Badge, TimeText } from "#web/ui/widgets.tsx";
import type { Deed } from "./deeds.ts";
import { debtDeeds, emergencyDeeds, exemptionDeeds, type LineDeed } from "./list-deeds.ts";
import type { Debt, Emergency, Exemption } from "./queries.ts";
import "#web/release/holds.css";

interface Look {
  readonly label: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

/** Who looks, and how a dialog about a line opens. */
export interface LineContext {
  readonly me: Me | undefined;
  readonly onAsk: (ask: Deed, of: string) => void;
}

interface ButtonsProps extends LineContext {
  readonly deeds: readonly LineDeed[];
  readonly id: string;
}

function DeedButtons({ deeds, id, onAsk }: Omit<ButtonsProps, "me">): ReactElement | null {
  if (deeds.length === 0) return null;
  return (
    <span className="row">
      {deeds.map(({ label, ask }) => (
        <button key={label} type="button" className="act-button" onClick={() => onAsk(ask, id)}>
          {label}
          <span className="hidden-visually"> ({id})</span>
        </button>
      ))}
    </span>
  );
}

const exemptionLooks: Readonly<Record<Exemption["state"], Look>> = {
  requested: { label: "Asked for", tone: "wait", icon: "clock" },
  planned: { label: "Planned", tone: "wait", icon: "clock" },
  "in-force": { label: "In force", tone: "good", icon: "check" },
  ended: { label: "Ended", tone: "rest", icon: "minus" },
  revoked: { label: "Revoked", tone: "bad", icon: "cross" },
};

export function ExemptionLine({ one, me, onAsk }: LineContext & { readonly one: Exemption }): ReactElement {
  const now = useNow(5000);
  return (
    <li id={one.id}>
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
          <TimeText at={one.from} now={now} form="absolute" /> to <TimeText at={one.until} now={now} form="absolute" />;
          asked for by {one.requestedBy}
          {one.approvals.length > 0 && `, approved by ${one.approvals.map(({ person }) => person).join(" and ")}`}; used{" "}
          {one.uses} {one.uses === 1 ? "time" : "times"}
          {one.renews !== null && `; renews ${one.renews}`}
          {one.revoked !== null && `; revoked by ${one.revoked.by}: ${one.revoked.reason}`}
        </span>
      </span>
      <DeedButtons deeds={exemptionDeeds(one, me)} id={one.id} onAsk={onAsk} />
    </li>
  );
}

const emergencyLooks: Readonly<Record<Emergency["state"], Look>> = {
  opened: { label: "Opened", tone: "wait", icon: "hand" },
  permitted: { label: "Permitted", tone: "bad", icon: "warning" },
  over: { label: "Over", tone: "rest", icon: "minus" },
};

export function EmergencyLine({ one, me, onAsk }: LineContext & { readonly one: Emergency }): ReactElement {
  const now = useNow(5000);
  return (
    <li id={one.id}>
      <Badge {...emergencyLooks[one.state]} />
      <span className="grow">
        <span>
          <strong className="mono">{one.id}</strong>{" "}
          <Link to="/services/$name" params={{ name: one.service }}>
            {one.service}
          </Link>{" "}
          <span className="mono">{one.version}</span> in {one.environments.join(", ")}, ticket {one.ticket}
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
          {one.impact !== null && `; felt by ${one.impact.length === 0 ? "nobody else" : one.impact.join(", ")}`}
        </span>
      </span>
      <DeedButtons deeds={emergencyDeeds(one, me)} id={one.id} onAsk={onAsk} />
    </li>
  );
}

const debtLooks: Readonly<Record<Debt["state"], Look>> = {
  open: { label: "Owed", tone: "wait", icon: "clock" },
  overdue: { label: "Overdue", tone: "bad", icon: "warning" },
  paid: { label: "Paid", tone: "good", icon: "check" },
};

export function DebtLine({ one, me, onAsk }: LineContext & { readonly one: Debt }): ReactElement {
  const now = useNow(5000);
  return (
    <li id={one.id}>
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
      <DeedButtons deeds={debtDeeds(one, me)} id={one.id} onAsk={onAsk} />
    </li>
  );
}
