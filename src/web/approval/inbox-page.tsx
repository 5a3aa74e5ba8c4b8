import { useRef, useState, type ReactElement } from "react";
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { meQuery } from "#web/access/session.ts";
import { answered, api } from "#web/api.ts";
import { InboxTasks } from "#web/plan/inbox-tasks.tsx";
import { tasksQuery } from "#web/plan/queries.ts";
import { noticeSentence, useNotices } from "#web/policy/notices.ts";
import { shortId, subjectOf, type DeploymentSummary } from "#web/release/deployment.ts";
import { InboxAsks } from "#web/rollout/inbox-asks.tsx";
import { useNow } from "#web/runtime/clock.ts";
import { Icon } from "#web/ui/icons.tsx";
import { Loading, Page, Panel } from "#web/ui/page.tsx";
import { ReasonDialog } from "#web/ui/reason-dialog.tsx";
import { useRowKeys } from "#web/ui/row-keys.ts";
import { CommandLine, EmptyState, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { countOf, inboxQuery } from "./inbox.ts";
import { Messages } from "./messages.tsx";
import "./approvals.css";

interface InboxItem {
  readonly deployment: DeploymentSummary;
  readonly contentDigest: string;
  readonly ask: string;
}

/** What waits for this person's decision, in the order of the server. */
export function InboxPage(): ReactElement {
  const { data, error } = useQuery(inboxQuery);
  const { data: tasks } = useQuery(tasksQuery);
  const list = useRef<HTMLUListElement>(null);
  useRowKeys(list);
  return (
    <Page title="Inbox">
      {error !== null && <ErrorNote error={error} />}
      {data === undefined && error === null && <Loading lines={4} />}
      <InboxAsks />
      <InboxTasks />
      {data !== undefined && countOf(data, tasks) === 0 && (
        <div className="panel">
          <EmptyState icon="inbox" title="Nothing needs you" command="tidegate inbox">
            Deployments that wait for your approval, steps of runs that ask you, and what is wanted of you about live
            versions appear here by themselves. From a terminal:
          </EmptyState>
        </div>
      )}
      {data !== undefined && data.items.length > 0 && (
        <>
          <ul className="panel inbox" ref={list} aria-label="What waits for your decision">
            {data.items.map((item) => (
              <InboxEntry key={item.deployment.id} item={item} />
            ))}
          </ul>
          <div>
            <CommandLine command="tidegate inbox" />
          </div>
        </>
      )}
      <Messages />
      <Corrections />
    </Page>
  );
}

/** What this person was told about open work and no longer holds, newest first. */
function Corrections(): ReactElement | null {
  const now = useNow(5000);
  const { data: me } = useQuery(meQuery);
  const { data, error } = useNotices(me === undefined ? null : { person: me.person });
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel title="What you were told and no longer holds">
      <ul className="corrections">
        {data.items.map((notice) => (
          <li key={`${notice.deployment} ${notice.verdict}`}>
            <Icon name="warning" />
            <span>
              <Link to="/deployments/$id" params={{ id: notice.deployment }}>
                Deployment {shortId(notice.deployment)}
              </Link>
              : {noticeSentence(notice)} <TimeText at={notice.at} now={now} />
              {notice.because.map(({ rule, sentence }) => (
                <span key={rule} className="small dim correction-because">
                  <span className="mono">{rule}</span>: {sentence}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function InboxEntry({ item }: { readonly item: InboxItem }): ReactElement {
  const now = useNow(5000);
  const [asking, setAsking] = useState<"approved" | "rejected" | null>(null);
  const { deployment } = item;
  return (
    <li className="inbox-item">
      <Link to="/deployments/$id" params={{ id: deployment.id }} data-row-link>
        {item.ask}
      </Link>
      <span className="small dim">
        {deployment.headline} Asked <TimeText at={deployment.requestedAt} now={now} />
        {deployment.opensAt !== null && (
          <>
            ; opens <TimeText at={deployment.opensAt} now={now} form="both" />
          </>
        )}
        .
      </span>
      <div className="inbox-actions">
        <Button size="xs" onClick={() => setAsking("approved")}>
          Approve<span className="hidden-visually"> {subjectOf(deployment)}</span>
        </Button>
        <Button size="xs" variant="outline" color="red" onClick={() => setAsking("rejected")}>
          Reject<span className="hidden-visually"> {subjectOf(deployment)}</span>
        </Button>
      </div>
      {asking !== null && <DecisionDialog item={item} decision={asking} onClose={() => setAsking(null)} />}
    </li>
  );
}

interface DecisionProps {
  readonly item: InboxItem;
  readonly decision: "approved" | "rejected";
  readonly onClose: () => void;
}

function DecisionDialog({ item, decision, onClose }: DecisionProps): ReactElement {
  const queries = useQueryClient();
  const isApproval = decision === "approved";
  const decide = useMutation({
    mutationFn: (reason: string | null) =>
      answered(
        api.decideApproval({
          params: { id: item.deployment.id },
          body: { decision, reason, contentDigest: item.contentDigest },
        }),
      ),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries();
    },
  });
  return (
    <ReasonDialog
      title={isApproval ? "Approve" : "Reject"}
      subject={subjectOf(item.deployment)}
      consequence={
        isApproval
          ? "You approve exactly this content. If it changes, the approval is void."
          : "A rejection is final for this content; another attempt needs another version."
      }
      reason={isApproval ? "optional" : "required"}
      confirm={isApproval ? "Approve" : "Reject"}
      tone={isApproval ? "good" : "bad"}
      isBusy={decide.isPending}
      error={decide.error}
      onConfirm={(reason) => decide.mutate(reason)}
      onClose={onClose}
    />
  );
}
