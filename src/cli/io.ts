import { client, type Client, type Outcome, type Refusal, type Success } from "#contract/client.ts";
import type { Route } from "#contract/route.ts";
import { CommandEnd, exitCodes, exitOfProblem } from "./exit.ts";
import { wordsOf } from "./problem.ts";
import type { Format } from "./output.ts";
import type { Connection } from "./settings.ts";

/** What commands use of the outside: data to standard output, talk to standard error. */
export interface Io {
  readonly write: (data: string) => void;
  readonly say: (talk: string) => void;
  readonly connection: () => Connection;
  readonly format: () => Format;
  readonly setExit: (code: number) => void;
  readonly interrupted: AbortSignal;
}

export function connect(io: Io): Client {
  const { server, token } = io.connection();
  return client({ baseUrl: server, token });
}

/** The answer, or the end of the command with the server's own words and the exit code they stand for. */
export function answered<R extends Route>(outcome: Outcome<R>): Success<R["answers"]> {
  // `ok: false` exists on no success: the union is told apart by it alone.
  return "problem" in outcome ? refused(outcome) : outcome;
}

/** Ends the command with the server's own words and the exit code they stand for. */
export function refused({ problem }: Refusal): never {
  if (problem.code !== "unreachable") throw new CommandEnd(exitOfProblem(problem), wordsOf(problem), problem);
  const remedy = 'Start one with "tidegate up", or name another with --server or TIDEGATE_SERVER.';
  throw new CommandEnd(exitCodes.error, `${problem.detail} ${remedy}`, problem);
}
