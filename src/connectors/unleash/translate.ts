import { z } from "zod";
import type { Failure, FlagPlace } from "#connectors/port.ts";

/** Of a feature in an environment we read one field; a server of another version may send more. */
export const featureEnvironment = z.object({ enabled: z.boolean() });

/** Path of a feature in an environment, of Unleash's Admin API. */
export function pathOf({ project, flag, environment }: FlagPlace): string {
  const parts = ["projects", project, "features", flag, "environments", environment].map(encodeURIComponent);
  return `/api/admin/${parts.join("/")}`;
}

/** What Unleash's status means for another attempt: its limits and its own faults pass, a wrong request does not. */
export function toFailure(status: number, { project, flag, environment }: FlagPlace): Failure {
  const what = `${flag} of ${project} in ${environment}`;
  if (status === 404) {
    const message = `Unleash knows no ${what}: create the flag there, or mend its name.`;
    return { code: "unknown-flag", message, retry: "never" };
  }
  const isLater = status === 429 || status === 408 || status >= 500;
  const more = isLater ? "It will be tried again." : "Check the token and its permission for the project.";
  return {
    code: isLater ? "busy" : "refused",
    message: `Unleash answered ${status} about ${what}. ${more}`,
    retry: isLater ? "later" : "never",
  };
}
