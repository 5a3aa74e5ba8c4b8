/** What a proxy can do with traffic; declared by its driver, told by the target, asked before anything is touched. */
export interface TrafficAbilities {
  readonly driver: string;
  /** The smallest share above nothing, and by symmetry the smallest that can be left to others, in per cent. */
  readonly finestPercent: number;
  /** A share in effect is off by at most this many points from the one that was asked for. */
  readonly exactWithin: number;
  /** Versions that can be routed to at a time. */
  readonly mostVersions: number;
  /** A session stays with the version that it began with. */
  readonly sticky: boolean;
  /** Requests that say to which group they belong can be sent to a version, whatever its share. */
  readonly cohorts: boolean;
  /** No request is lost at a shift; otherwise clients with open connections may have to repeat one. */
  readonly losesNothing: boolean;
}

/** What somebody wants to do with traffic. */
export interface TrafficWish {
  readonly percents: readonly number[];
  readonly sticky: boolean;
  readonly cohorts: boolean;
}

/** Why these shares or ways of routing cannot be had from the proxy, in sentences; none: they can. */
export function trafficRefusals(
  { driver, finestPercent, sticky, cohorts }: TrafficAbilities,
  wish: TrafficWish,
): readonly string[] {
  const refusals: string[] = [];
  for (const percent of wish.percents) {
    if (!(percent >= 0 && percent <= 100)) {
      refusals.push(`${percent} % is no share of traffic; a share is from 0 to 100`);
    } else if (percent > 0 && percent < 100 && Math.min(percent, 100 - percent) < finestPercent) {
      refusals.push(`${driver} cannot give ${percent} %: its finest share is ${finestPercent} %`);
    }
  }
  if (wish.sticky && !sticky) refusals.push(`${driver} cannot keep sessions at their version`);
  if (wish.cohorts && !cohorts) refusals.push(`${driver} cannot send a cohort to a version`);
  return refusals;
}
