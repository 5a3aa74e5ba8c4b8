import type { Failure, RuleAnswer } from "#connectors/port.ts";

/** Longest comment that GitHub shows in a run. */
export const maxCommentChars = 1_000;

/** The body that answers a deployment protection rule. */
export function toReview({ environment, state, comment }: Omit<RuleAnswer, "url" | "installation">): {
  readonly environment_name: string;
  readonly state: "approved" | "rejected";
  readonly comment: string;
} {
  return { environment_name: environment, state, comment: comment.slice(0, maxCommentChars) };
}

/** What GitHub's status means for another attempt: its limits and its own faults pass, a wrong request does not. */
export function toFailure(status: number, what: string): Failure {
  const isLater = status === 429 || status === 408 || status >= 500;
  const message = `GitHub answered ${status} to ${what}. ${isLater ? "It will be tried again." : "Check the app, its installation and its permission for deployments."}`;
  return { code: isLater ? "busy" : "refused", message, retry: isLater ? "later" : "never" };
}
