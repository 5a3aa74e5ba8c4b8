import type { z } from "zod";
import type { askVerdict } from "#contract/verdict.ts";
import type { Subject } from "#core/policy/facts.ts";
import type { ApiDeps } from "#api/deps.ts";
import { toDeploymentId } from "#api/release/deployment-id.ts";

type Question = Omit<z.output<(typeof askVerdict)["body"]>, "at">;

/**
 * A question without a deployment is nobody's content, so nobody's approval counts. With one it is that of the
 * deployment, whatever else the body says; null when there is none of this id for this service, version and environment.
 */
export async function subjectOfQuestion(
  deps: Pick<ApiDeps, "views">,
  question: Question,
  person: string,
): Promise<Subject | null> {
  const { service, version, environment, deployment } = question;
  if (deployment === undefined) return ownSubject(question, person);
  const record = (await deps.views.deployment(toDeploymentId(deployment)))?.record;
  if (record === undefined) return null;
  const { subject, contentDigest, id } = record;
  const isAboutIt = subject.service === service && subject.version === version && subject.environment === environment;
  return isAboutIt ? { ...subject, contentDigest, onBehalfOf: id } : null;
}

function ownSubject(
  { service, version, environment, action, class: changeClass, risk, hasRollbackPlan }: Question,
  person: string,
): Subject {
  return {
    service,
    version,
    environment,
    action,
    class: changeClass,
    invoker: "person",
    requestedBy: person,
    contentDigest: null,
    onBehalfOf: null,
    ...(risk === undefined ? {} : { risk }),
    ...(hasRollbackPlan === undefined ? {} : { hasRollbackPlan }),
  };
}

export function noSuchDeployment({ deployment, service, version, environment }: Question): string {
  return `There is no deployment ${deployment ?? ""} of ${service} ${version} in ${environment}.`;
}
