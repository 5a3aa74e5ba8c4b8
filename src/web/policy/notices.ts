import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { notice } from "#contract/notice.ts";
import { answered, api } from "#web/api.ts";
import type { Verdict } from "#web/policy/verdict.ts";

export type Notice = z.infer<typeof notice>;

/** A page of them is enough: older ones are in the record. */
const shown = 20;

/** What somebody was told and no longer holds: of one deployment, or of one person. */
export function useNotices(
  of: { readonly deployment: string } | { readonly person: string } | null,
): UseQueryResult<{ readonly items: readonly Notice[] }> {
  return useQuery({
    queryKey: ["notices", of],
    enabled: of !== null,
    queryFn: ({ signal }) => answered(api.listNotices({ signal, query: { ...of, limit: shown } })),
  });
}

const words: Readonly<Record<Verdict["verdict"], string>> = {
  allow: "allowed",
  wait: "to wait",
  hold: "on hold",
  deny: "denied",
};

/** `ana was told to wait; now it is denied.` */
export function noticeSentence({ person, was, is }: Pick<Notice, "person" | "was" | "is">): string {
  if (was.verdict === is.verdict) return `${person} was told another time; it stays ${words[is.verdict]}.`;
  return `What ${person} was told no longer holds: it was ${words[was.verdict]} and is ${words[is.verdict]}.`;
}
