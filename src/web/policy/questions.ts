import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { askVerdict, verdictOutline } from "#contract/verdict.ts";
import { answered, api } from "#web/api.ts";
import { useMatrix } from "#web/release/queries.ts";
import type { Verdict } from "./verdict.ts";

export type VerdictOutline = z.infer<typeof verdictOutline>;
/** What is asked, but for the instant. */
export type Question = Omit<z.input<(typeof askVerdict)["body"]>, "at">;

/** An answer about a named instant is read again only when its facts may have changed. */
const keptMs = 60_000;

/**
 * The verdict at an instant (null: now), cached by question and instant. `since` names the state of the facts, such as
 * the digest of the verdict in force: with another one it is asked again.
 */
export function useVerdictAt(question: Question | null, at: string | null, since: string): UseQueryResult<Verdict> {
  return useQuery({
    queryKey: ["verdict-at", question, at, since],
    enabled: question !== null,
    staleTime: keptMs,
    queryFn: ({ signal }) => {
      if (question === null) throw new Error("no question");
      return answered(api.askVerdict({ signal, body: at === null ? question : { ...question, at } }));
    },
    placeholderData: (before) => before,
  });
}

export function useOutline(question: Question | null, since: string): UseQueryResult<VerdictOutline> {
  return useQuery({
    queryKey: ["outline", question, since],
    enabled: question !== null,
    staleTime: keptMs,
    queryFn: ({ signal }) => {
      if (question === null) throw new Error("no question");
      return answered(api.outlineVerdict({ signal, body: question }));
    },
    placeholderData: (before) => before,
  });
}

/** Zone of an environment; null while it is not known. */
export function useZoneOf(environment: string): string | null {
  const { data } = useMatrix(undefined);
  return data?.environments.find(({ name }) => name === environment)?.zone ?? null;
}
