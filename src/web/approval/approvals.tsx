import type { ReactElement } from "react";
import type { DeploymentDetail } from "#web/release/deployment.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { Badge, TimeText } from "#web/ui/widgets.tsx";
import "./approvals.css";

/** Who decided on this content, when and why. */
export function Approvals({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement | null {
  const now = useNow(1000);
  if (deployment.approvals.length === 0) return null;
  return (
    <Panel
      title="Approvals"
      side={<span title={deployment.contentDigest}>bound to {deployment.contentDigest.slice(0, 15)}…</span>}
    >
      <ul className="approvals">
        {deployment.approvals.map((one) => (
          <li key={`${one.person} ${one.at}`}>
            {one.decision === "approved" ? (
              <Badge tone="good" icon="check" label="Approved" />
            ) : (
              <Badge tone="bad" icon="cross" label="Rejected" />
            )}
            <strong>{one.person}</strong>
            <span className="dim">
              <TimeText at={one.at} now={now} form="both" />
            </span>
            {one.reason !== null && <p className="approval-reason">{one.reason}</p>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
