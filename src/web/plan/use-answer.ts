import { useMutation, useQueryClient, type UseMutationResult } from "@tanstack/react-query";
import { answered, api } from "#web/api.ts";
import type { Part } from "./run.ts";

export interface GivenAnswer {
  readonly part: Part;
  readonly step: string;
  readonly outcome: "done" | "failed";
  readonly note: string;
  readonly form: Record<string, string | number | boolean>;
  /** With which it is signed; null where no signature is asked for. */
  readonly token: string | null;
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
