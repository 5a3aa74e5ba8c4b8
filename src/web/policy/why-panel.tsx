import type { ReactElement } from "react";
import { useNow } from "#web/runtime/clock.ts";
import { absolute, viewerZone } from "#web/ui/time.ts";
import { Badge, ErrorNote, Note, ZonedTime } from "#web/ui/widgets.tsx";
import { ChangesList } from "./changes-list.tsx";
import { mayDeclare } from "./acts.ts";
import { ActButton, FindingList, QuietFindings, type FindingContext } from "./finding-list.tsx";
import { InstantSlider, InstantTools } from "./instant-slider.tsx";
import { OutlinePicture } from "./outline-picture.tsx";
import { useOutline, useVerdictAt, type Question } from "./questions.ts";
import { groupsOf, isInTheWay, verdictLook, type Verdict } from "./verdict.ts";
import { WaysOut } from "./ways-out.tsx";
import "./verdict.css";

/** The part of the address that belongs to the panel. */
export interface WhySearch {
  /** The instant asked about; absent: now. */
  readonly at?: string | undefined;
  /** The instant compared with; absent: now. */
  readonly base?: string | undefined;
}

interface PanelProps {
  /** The verdict as it stands. */
  readonly verdict: Verdict;
  /** What the slider asks; null: an answer of the past, about which no other instant is asked. */
  readonly question: Question | null;
  readonly context: FindingContext;
  readonly search: WhySearch;
  readonly onSearch: (part: WhySearch) => void;
}

/** Why not, until when, who can change it, and how all that looks at another instant. */
export function WhyPanel(props: PanelProps): ReactElement {
  const { verdict, question, context, search, onSearch } = props;
  const zone = context.zone ?? viewerZone();
  const at = question === null ? null : (search.at ?? null);
  const base = question === null ? null : (search.base ?? null);
  const then = useVerdictAt(at === null ? null : question, at, verdict.factsDigest);
  const first = useVerdictAt(base === null ? null : question, base, verdict.factsDigest);
  const now = useNow(30_000);
  const shown = at === null ? verdict : then.data;
  const before = base === null ? verdict : first.data;
  const isComparing = at !== base && shown !== undefined && before !== undefined;
  return (
    <div className="stack verdict">
      {at !== null && <OtherInstant at={at} zone={zone} onNow={() => onSearch({ at: undefined })} />}
      {then.error !== null && <ErrorNote error={then.error} />}
      {first.error !== null && <ErrorNote error={first.error} />}
      {shown !== undefined && <VerdictParts verdict={shown} context={context} />}
      {isComparing && (
        <ChangesList before={before} after={shown} names={[nameOf(base, zone), nameOf(at, zone)]} now={now} />
      )}
      {question !== null && <ComingDays {...props} question={question} zone={zone} at={at} base={base} />}
      {shown !== undefined && <Proof verdict={shown} zone={context.zone} />}
    </div>
  );
}

function nameOf(at: string | null, zone: string): string {
  return at === null ? "now" : absolute(Temporal.Instant.from(at), zone);
}

interface InstantProps {
  readonly at: string;
  readonly zone: string;
  readonly onNow: () => void;
}

function OtherInstant({ at, zone, onNow }: InstantProps): ReactElement {
  return (
    <Note tone="wait" icon="clock">
      As it would be judged on <strong>{absolute(Temporal.Instant.from(at), zone)}</strong>, by what is known now.{" "}
      <button type="button" className="link-button" onClick={onNow}>
        Back to now
      </button>
    </Note>
  );
}

/** The answer itself, without a picture: for dialogs. */
export function VerdictParts({
  verdict,
  context,
}: {
  readonly verdict: Verdict;
  readonly context: FindingContext;
}): ReactElement {
  const now = useNow(1000);
  const look = verdictLook(verdict, now);
  return (
    <>
      <p className="verdict-line">
        <Badge tone={look.tone} icon={look.icon} label={look.label} />
        <span>{look.summary}</span>
      </p>
      {groupsOf(verdict.findings).map((group) => (
        <section key={group.title} aria-label={group.title} className="why-part">
          <h3>{group.title}</h3>
          <FindingList findings={group.findings} context={context} />
        </section>
      ))}
      <WaysOut verdict={verdict} context={context} />
      {mayDeclare(verdict, context.viewer) && <CannotWait context={context} />}
      <QuietFindings findings={verdict.findings.filter((one) => !isInTheWay(one))} context={context} />
    </>
  );
}

function CannotWait({ context }: { readonly context: FindingContext }): ReactElement {
  return (
    <p className="ways-around small">
      <span className="dim">It cannot wait, because something is broken now:</span>
      <ActButton act={{ kind: "ask", label: "Declare an emergency…", name: "emergency" }} onAsk={context.onAsk} />
    </p>
  );
}

interface DaysProps extends PanelProps {
  readonly question: Question;
  readonly zone: string;
  readonly at: string | null;
  readonly base: string | null;
}

function ComingDays({ question, verdict, zone, at, base, onSearch }: DaysProps): ReactElement {
  const { data, error } = useOutline(question, verdict.factsDigest);
  return (
    <section aria-label="The coming days" className="why-part">
      <h3>The coming days, rule by rule</h3>
      {error !== null && <ErrorNote error={error} />}
      {data !== undefined && (
        <div className="stack">
          <OutlinePicture outline={data} zone={zone} at={at ?? data.from} />
          <InstantSlider outline={data} zone={zone} at={at} onAt={(to) => onSearch({ at: to })} />
          <InstantTools
            outline={data}
            zone={zone}
            at={at}
            onAt={(to) => onSearch({ at: to })}
            base={base}
            onBase={(to) => onSearch({ base: to })}
          />
        </div>
      )}
      <Openings verdict={verdict} zone={zone} />
    </section>
  );
}

/** Openings shown at once; the rest is counted. */
const shownOpenings = 5;

function Openings({ verdict, zone }: { readonly verdict: Verdict; readonly zone: string }): ReactElement | null {
  const now = useNow(30_000);
  if (verdict.verdict === "allow" || verdict.openings.length === 0) return null;
  return (
    <details>
      <summary>
        {verdict.openings.length === 1 ? "The opening" : `${verdict.openings.length} openings`} of all rules together
      </summary>
      <ol className="openings">
        {verdict.openings.slice(0, shownOpenings).map((opening) => (
          <li key={opening.from}>
            <ZonedTime at={opening.from} now={now} zone={zone} />
            <span className="dim">until {absolute(Temporal.Instant.from(opening.to), zone)}</span>
          </li>
        ))}
      </ol>
      {verdict.openings.length > shownOpenings && (
        <p className="small dim">and {verdict.openings.length - shownOpenings} later ones</p>
      )}
    </details>
  );
}

function Proof({ verdict, zone }: { readonly verdict: Verdict; readonly zone: string | null }): ReactElement {
  const now = useNow(1000);
  const isAhead = Temporal.Instant.compare(Temporal.Instant.from(verdict.at), now) > 0;
  return (
    <p className="small dim">
      {isAhead ? "Judged for an instant" : "Judged"} <ZonedTime at={verdict.at} now={now} zone={zone} /> · zone data{" "}
      {verdict.zoneData} ·{" "}
      <span className="mono" title={verdict.factsDigest}>
        facts {verdict.factsDigest.slice(0, 15)}…
      </span>
    </p>
  );
}
