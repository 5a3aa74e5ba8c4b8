import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { answered, api, RefusedError } from "#web/api.ts";
import type { Part } from "./run.ts";

interface Place {
  readonly part: Part;
  readonly step: string;
  /** With which it is signed; null where no signature is asked for. */
  readonly token: string | null;
}

export interface GivenAnswer extends Place {
  readonly outcome: "done" | "failed";
  readonly note: string;
  readonly form: Record<string, string | number | boolean>;
  readonly attachments: { readonly name: string; readonly content: string }[];
}

export interface GivenDecision extends Place {
  readonly decision: "approved" | "rejected";
  readonly note: string;
  /** Of what was shown. */
  readonly contentDigest: string;
}

/** Sends an answer; where a signature is asked for, the token is shown once more for exactly this answer. */
export function useAnswer(run: string): UseMutationResult<unknown, Error, GivenAnswer> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ part, step, token, ...signs }: GivenAnswer) => {
      const params = { id: run };
      const body = { part, step, ...signs };
      if (token === null) return await answered(api.answerTask({ params, body }));
      const { signature } = await answered(api.signStep({ params, body: { part, step, token, signs } }));
      return await answered(api.answerTask({ params, body: { ...body, signature } }));
    },
    onSuccess: () => queries.invalidateQueries(),
  });
}

/** Sends a decision on what a run is going to do, signed where that is asked for. */
export function useDecision(run: string): UseMutationResult<unknown, Error, GivenDecision> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ part, step, token, ...signs }: GivenDecision) => {
      const params = { id: run };
      const body = { part, step, ...signs };
      if (token === null) return await answered(api.decideStep({ params, body }));
      const { signature } = await answered(api.signStep({ params, body: { part, step, token, signs } }));
      return await answered(api.decideStep({ params, body: { ...body, signature } }));
    },
    onSuccess: () => queries.invalidateQueries(),
    // What would run has changed: whoever decides anew has to see it.
    onError: async (error) => {
      if (error instanceof RefusedError && error.problem.code === "content-changed") await queries.invalidateQueries();
    },
  });
}
