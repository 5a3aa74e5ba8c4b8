import type { ReactElement } from "react";
import { ApproveEmergency, ApproveExemption, PayDebt, RevokeExemption } from "./decide-dialogs.tsx";
import { deedOf, type DeedSearch } from "./deeds.ts";
import { EmergencyDialog } from "./emergency-dialog.tsx";
import { ExemptDialog } from "./exempt-dialog.tsx";
import { OverrideDialog } from "./override-dialog.tsx";

/** What a page is about, as far as dialogs can start from it. */
export interface DeedSubject {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** null: a question about no deployment, where nothing can be overridden. */
  readonly deployment: string | null;
}

interface DeedProps {
  readonly search: DeedSearch;
  /** null: the page is about nothing in particular. */
  readonly about: DeedSubject | null;
  readonly onClose: () => void;
}

/** The dialog that the address names; nothing when it names none, or one that this page cannot open. */
export function DeedDialog({ search, about, onClose }: DeedProps): ReactElement | null {
  const deed = deedOf(search.ask);
  const of = search.of ?? null;
  const { service = null, version = null, environment = null, deployment = null } = about ?? {};
  if (deed === null) return null;
  if (deed === "exempt") {
    return <ExemptDialog rule={of} service={service} environment={environment} onClose={onClose} />;
  }
  if (deed === "emergency") {
    return <EmergencyDialog service={service} version={version} environment={environment} onClose={onClose} />;
  }
  if (of === null) return null;
  switch (deed) {
    case "override":
      return deployment === null ? null : (
        <OverrideDialog
          deployment={deployment}
          subject={`${service ?? ""} ${version ?? ""} to ${environment ?? ""}`}
          rule={of}
          onClose={onClose}
        />
      );
    case "approve-exemption":
      return <ApproveExemption id={of} onClose={onClose} />;
    case "revoke-exemption":
      return <RevokeExemption id={of} onClose={onClose} />;
    case "approve-emergency":
      return <ApproveEmergency id={of} onClose={onClose} />;
    case "pay-debt":
      return <PayDebt id={of} onClose={onClose} />;
  }
}
