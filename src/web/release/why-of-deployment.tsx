import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { meQuery } from "#web/access/session.ts";
import { useZoneOf, type Question } from "#web/policy/questions.ts";
import { WhyPanel } from "#web/policy/why-panel.tsx";
import { Panel } from "#web/ui/page.tsx";
import { changeClassOf, isOpen, type DeploymentDetail } from "./deployment.ts";
import { present } from "./search.ts";

/** The verdict in force; while the deployment is waiting, also at any other instant. */
export function WhyOfDeployment({ deployment }: { readonly deployment: DeploymentDetail }): ReactElement | null {
  const search = useSearch({ from: "/deployments/$id" });
  const navigate = useNavigate({ from: "/deployments/$id" });
  const { data: me } = useQuery(meQuery);
  const zone = useZoneOf(deployment.environment);
  const { verdict, state } = deployment;
  if (verdict === null) return null;
  const context = {
    zone,
    environment: deployment.environment,
    viewer: { me, allowed: deployment.actions.filter(({ allowed }) => allowed).map(({ name }) => name) },
    onAsk: (name: string) => void navigate({ search: present({ ...search, ask: name }), replace: true }),
  };
  const isAsked = state === "waiting" || state === "queued";
  return (
    <Panel title={isOpen(state) ? "Why" : "Why, at the last gate"}>
      <WhyPanel
        verdict={verdict}
        question={isAsked ? questionAbout(deployment, verdict.subject) : null}
        context={context}
        search={search}
        onSearch={(part) => void navigate({ search: present({ ...search, ...part }), replace: true })}
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
