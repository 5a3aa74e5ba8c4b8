import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "#web/access/session.ts";
import { Badge, Note } from "#web/ui/widgets.tsx";
import { FindingList } from "#web/policy/finding-list.tsx";
import { useNow } from "#web/runtime/clock.ts";
import { relative } from "#web/ui/time.ts";
import type { Advice, Slot } from "./planning-queries.ts";
import { SlotTimes } from "./slot-times.tsx";
import { minutesText } from "./words.ts";

interface AdviceProps {
  readonly advice: Advice;
  /** Takes a slot into a proposal; nothing can be done when absent. */
  readonly onChoose?: (slot: Slot) => void;
}

/** Ranked slots with their reasons, what a change of this risk needs, and what stands in the way now. */
export function AdviceView({ advice, onChoose }: AdviceProps): ReactElement {
  const { slots, blockers, obstacles } = advice;
  const now = useNow(30_000);
  const { data: me } = useQuery(meQuery);
  return (
    <div className="stack">
      <RiskNote advice={advice} />
      {slots.length === 0 && (
        <Note tone="bad" icon="cross">
          <strong>There is no slot within the horizon.</strong>{" "}
          {blockers.length === 0
            ? "No single rule is to blame; together they leave none."
            : `Alone each of these leaves none: ${blockers.map(({ title }) => title).join("; ")}.`}
        </Note>
      )}
      <ol className="slots" aria-label="Slots, best first">
        {slots.map((slot, index) => (
          <li key={slot.from} className="slot">
            <ScoredSlot slot={slot} zone={advice.zone} now={now} />
            {onChoose !== undefined && (
              <div className="slot-act">
                <button type="button" className="link-button" onClick={() => onChoose(slot)}>
                  Take into the proposal<span className="hidden-visually">: slot {index + 1}</span>
                </button>
              </div>
            )}
          </li>
        ))}
      </ol>
      {obstacles.length > 0 && (
        <details className="obstacles" open={slots.length === 0}>
          <summary>
            What stands in the way now: {obstacles.length === 1 ? "1 finding" : `${obstacles.length} findings`}
          </summary>
          <FindingList
            findings={obstacles}
            context={{
              zone: advice.zone,
              environment: advice.environment,
              viewer: { me, allowed: [], ways: null },
              onAsk: () => undefined,
            }}
          />
        </details>
      )}
    </div>
  );
}

/** What the risk of the change asks for, and how long it needs. */
function RiskNote({ advice }: { readonly advice: Advice }): ReactElement {
  const { risk, neededMs, isLengthKnown, obstacles } = advice;
  const needed = `It needs ${minutesText(Math.ceil(neededMs / 60_000))} for the run and the way back${
    isLengthKnown ? "" : ", a usual length: nobody knows yet how long it takes"
  }.`;
  if (risk === "low") {
    return (
      <p className="small dim">
        <Badge tone="rest" icon="minus" label="Low risk" /> It may run at any load. {needed}
      </p>
    );
  }
  const quiet = obstacles.find(({ rule }) => rule === "quiet-hours");
  return (
    <Note tone="wait" icon="warning">
      <strong>High risk: bookable only in quiet hours, and with a rollback plan.</strong> {needed}
      {quiet !== undefined && <p className="small">{quiet.sentence}</p>}
    </Note>
  );
}

interface ScoredProps {
  readonly slot: Slot;
  readonly zone: string;
  readonly now: Temporal.Instant;
}

export function ScoredSlot({ slot, zone, now }: ScoredProps): ReactElement {
  return (
    <>
      <Score score={slot.score} />
      <div className="slot-when">
        <SlotTimes span={slot} zone={zone} />
        <span className="small dim">{relative(Temporal.Instant.from(slot.from), now)}</span>
      </div>
      <Reasons reasons={slot.reasons} />
    </>
  );
}

/** Points out of 100, as a number and a bar. */
export function Score({ score }: { readonly score: number }): ReactElement {
  const tone = score >= 70 ? "good" : score >= 40 ? "wait" : "bad";
  return (
    <span className={`score tone-${tone}`}>
      <strong>{Math.round(score)}</strong>
      <span className="hidden-visually"> points of 100</span>
      <span className="score-track" aria-hidden="true">
        <span style={{ width: `${Math.min(100, Math.max(0, score))}%` }} />
      </span>
    </span>
  );
}

export function Reasons({ reasons }: { readonly reasons: Slot["reasons"] }): ReactElement {
  return (
    <ul className="reasons small">
      {reasons.map(({ code, sentence, weight }) => (
        <li key={code}>
          <span className="reason-weight">{weight > 0 ? `+${Math.round(weight)}` : Math.round(weight)}</span>
          <span>{sentence}</span>
        </li>
      ))}
    </ul>
  );
}
