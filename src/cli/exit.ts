import type { Problem } from "#contract/common.ts";

/** Exit codes, listed in `tidegate --help`. */
export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  denied: 3,
  authentication: 4,
  mustWait: 5,
  conflict: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function exitOfVerdict(verdict: "allow" | "wait" | "hold" | "deny"): ExitCode {
  switch (verdict) {
    case "allow":
      return exitCodes.ok;
    case "deny":
      return exitCodes.denied;
    case "wait":
    case "hold":
      return exitCodes.mustWait;
  }
}

export function exitOfProblem(problem: Problem): ExitCode {
  if (problem.status === 401) return exitCodes.authentication;
  if (problem.status === 403) return exitCodes.denied;
  if (problem.status === 409) return exitCodes.conflict;
  // What was asked for does not exist or is not what the operation takes: the command is mended, not repeated.
  if (problem.status === 400 || problem.status === 404) return exitCodes.usage;
  if (problem.status === 429 || problem.status === 503) return exitCodes.mustWait;
  return exitCodes.error;
}

/** Ends the command with a code and a sentence for a person; thrown by commands, shown by `main`. */
export class CommandEnd extends Error {
  readonly code: ExitCode;
  /** The server's own words, where it was the server that refused. */
  readonly problem: Problem | null;
  constructor(code: ExitCode, message: string, problem: Problem | null = null) {
    super(message);
    this.name = "CommandEnd";
    this.code = code;
    this.problem = problem;
  }
}

export function usage(message: string): CommandEnd {
  return new CommandEnd(exitCodes.usage, message);
}
