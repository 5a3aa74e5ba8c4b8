import type { ReactElement } from "react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { DeedDialog } from "#web/exemption/deed-dialog.tsx";
import { useViewer } from "#web/exemption/use-viewer.ts";
import { useZoneOf, type Question } from "#web/policy/questions.ts";
import { WhyPanel } from "#web/policy/why-panel.tsx";
import { Panel } from "#web/ui/page.tsx";
import { changeClassOf, isOpen, type DeploymentDetail } from "./deployment.ts";
import { present } from "./search.ts";

/** The verdict in force; while the deployment is waiting, also at any other instant. */
export function WhyOfDeployment({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement | null {
  const search = useSearch({ from: "/deployments/$id" });
  const navigate = useNavigate({ from: "/deployments/$id" });
  const allowed = deployment.actions.filter((one) => one.allowed).map(({ name }) => name);
  const viewer = useViewer({ allowed, requestedBy: deployment.requestedBy });
  const zone = useZoneOf(deployment.environment);
  const { verdict, state } = deployment;
  if (verdict === null) return null;
  const context = {
    zone,
    environment: deployment.environment,
    viewer: isOpen(state) ? viewer : { ...viewer, ways: null },
    onAsk: (ask: string, of?: string) => void navigate({ search: present({ ...search, ask, of }), replace: true }),
  };
  const isAsked = state === "waiting" || state === "queued";
  const close = (): void =>
    void navigate({ search: present({ ...search, ask: undefined, of: undefined }), replace: true });
  const { id, service, version, environment } = deployment;
  return (
    <Panel title={isOpen(state) ? "Why" : "Why, at the last gate"}>
      <WhyPanel
        verdict={verdict}
        question={isAsked ? questionAbout(deployment, verdict.subject) : null}
        context={context}
        search={search}
        onSearch={(part) => void navigate({ search: present({ ...search, ...part }), replace: true })}
      />
      <DeedDialog
        search={search}
        about={{ service, version, environment, deployment: isOpen(state) ? id : null }}
        onClose={close}
      />
    </Panel>
  );
}

function questionAbout(
  { id, service, version, environment }: DeploymentDetail,
  subject: NonNullable<DeploymentDetail["verdict"]>["subject"],
): Question {
  return { service, version, environment, class: changeClassOf(subject.class), deployment: id };
}
