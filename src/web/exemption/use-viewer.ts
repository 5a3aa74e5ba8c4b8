import { useQuery } from "@tanstack/react-query";
import { meQuery } from "#web/access/session.ts";
import type { Viewer } from "#web/policy/acts.ts";
import { exemptionTypesQuery, overridableQuery } from "./queries.ts";

interface Work {
  /** Actions that the server allows on it. */
  readonly allowed: readonly string[];
  readonly requestedBy: string;
}

const nothing: ReadonlyMap<string, readonly string[]> = new Map();

/** What the viewer may do about findings; `work`: the open deployment that is looked at, null where there is none. */
export function useViewer(work: Work | null): Viewer {
  const { data: me } = useQuery(meQuery);
  const may = (permission: string): boolean => me?.permissions.includes(permission) === true;
  const isOthers = work !== null && work.requestedBy !== me?.person;
  const { data: types } = useQuery({ ...exemptionTypesQuery, enabled: may("exemption.request") });
  const { data: overridable } = useQuery({ ...overridableQuery, enabled: isOthers && may("finding.override") });
  return {
    me,
    allowed: work?.allowed ?? [],
    ways: { types: types?.items ?? [], overridable: (isOthers ? overridable : undefined) ?? nothing },
  };
}
