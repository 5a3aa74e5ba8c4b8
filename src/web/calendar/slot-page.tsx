import type { ReactElement } from "react";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { isOpen, shortId, subjectOf, type DeploymentDetail } from "#web/release/deployment.ts";
import { useDeployment } from "#web/release/queries.ts";
import { present } from "#web/release/search.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { viewerZone } from "#web/ui/time.ts";
import { Badge, ErrorNote, Note } from "#web/ui/widgets.tsx";
import { RiskChoice } from "./advice-page.tsx";
import { AdviceView, ScoredSlot } from "./advice-view.tsx";
import { CounterProposal } from "./counter-proposal.tsx";
import { NegotiationHistory } from "./negotiation-history.tsx";
import { useAdvice, useMay, useNegotiation, type Negotiation } from "./planning-queries.ts";
import type { SlotSearch } from "./search.ts";
import { SlotTimes } from "./slot-times.tsx";
import "./planning.css";

/** Where a booking stands in the calendar, where it had better stand, and what was said about it. */
export function SlotPage(): ReactElement {
  const { id } = useParams({ from: "/deployments/$id/slot" });
  const deployment = useDeployment(id);
  const talk = useNegotiation(id);
  const error = deployment.error ?? talk.error;
  const { data } = deployment;
  const title = data === undefined ? `Slot of deployment ${shortId(id)}` : `Slot of ${subjectOf(data)}`;
  return (
    <Page
      title={title}
      side={
        <Link to="/deployments/$id" params={{ id }}>
          Open the deployment
        </Link>
      }
    >
      {error !== null && <ErrorNote error={error} />}
      {error === null && (data === undefined || talk.data === undefined) && <Loading lines={8} />}
      {data !== undefined && talk.data !== undefined && <Slots deployment={data} talk={talk.data} />}
    </Page>
  );
}

interface SlotsProps {
  readonly deployment: DeploymentDetail;
  readonly talk: Negotiation;
}

function Slots({ deployment, talk }: SlotsProps): ReactElement {
  const search = useSearch({ from: "/deployments/$id/slot" });
  const navigate = useNavigate({ from: "/deployments/$id/slot" });
  const change = (part: SlotSearch): void =>
    void navigate({ search: present({ ...search, ...part }), replace: true, resetScroll: false });
  const { service, version, environment, state } = deployment;
  const advice = useAdvice({ service, version, environment, risk: search.risk });
  const mayTalk = useMay("slot.negotiate");
  const zone = advice.data?.zone ?? viewerZone();
  const waits = isOpen(state) && state !== "running";
  const offers = waits && mayTalk;
  return (
    <>
      {!waits && (
        <Note tone="rest" icon="minus">
          {isOpen(state) ? "It has started" : "It has ended"}; nothing about its slot can be changed any more.
        </Note>
      )}
      <div className="slot-columns">
        <div className="stack">
          <Planned talk={talk} zone={zone} />
          {offers && <CounterProposal talk={talk} zone={zone} from={search.from} onChange={change} />}
          {waits && !mayTalk && (
            <Note tone="rest" icon="hand">
              You may look and not propose: developers, operators and release managers negotiate slots.
            </Note>
          )}
          <NegotiationHistory talk={talk} zone={zone} search={search} canAct={offers} onChange={change} />
        </div>
        {waits && (
          <Panel title="Ranked slots" side={`${service} ${version} in ${environment}`}>
            <div className="stack">
              <RiskChoice risk={search.risk} onChange={(risk) => change({ risk })} />
              {advice.error !== null && <ErrorNote error={advice.error} />}
              {advice.isPending && advice.error === null && <Loading lines={6} />}
              {advice.data !== undefined && (
                <AdviceView
                  advice={advice.data}
                  {...(offers ? { onChoose: (slot) => change({ from: slot.from }) } : {})}
                />
              )}
            </div>
          </Panel>
        )}
      </div>
    </>
  );
}

function Planned({ talk, zone }: { readonly talk: Negotiation; readonly zone: string }): ReactElement {
  const now = useNow(30_000);
  const { planned, plannedSlot, agreed } = talk;
  return (
    <Panel title="Where it stands">
      <div className="stack">
        {agreed !== null && (
          <p className="row">
            <Badge tone="good" icon="check" label="Agreed" />
            <span className="small">with {agreed.acceptedBy}; it does not start before</span>
          </p>
        )}
        {plannedSlot === null ? (
          <>
            <SlotTimes span={planned} zone={zone} />
            <p className="small dim">This span lies in no opening that fits, so it has no score.</p>
          </>
        ) : (
          <div className="slot">
            <ScoredSlot slot={plannedSlot} zone={zone} now={now} />
          </div>
        )}
      </div>
    </Panel>
  );
}
