import type { ReactElement } from "react";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { TimeText } from "#web/ui/widgets.tsx";
import { rollbackClock, type Run } from "./run.ts";

const radius = 42;
const around = 2 * Math.PI * radius;

/** The latest begin of the way back as a clock; what is over has none. */
export function ClockPanel({ run }: { readonly run: Run }): ReactElement | null {
  const now = useNow(1000);
  if (run.endedAt !== null) return null;
  if (run.turned !== null) {
    return (
      <Panel title="Latest rollback start">
        <p>
          It turned back <TimeText at={run.turned.at} now={now} form="both" />, {run.turned.by}: {run.turned.reason}
        </p>
      </Panel>
    );
  }
  const { gone, usual, secondsLeft } = rollbackClock(run, now);
  const left = span(secondsLeft);
  const tone = run.overrun === null ? "motion" : "wait";
  return (
    <Panel title="Latest rollback start">
      <div className={`run-clock tone-${tone}`}>
        <Dial gone={gone} usual={usual} left={left} />
        <div>
          <p className="run-clock-at">
            <TimeText at={run.latestRollbackStart} now={now} form="absolute" />
          </p>
          <p className="small dim">
            Left: {left}. Then the way back begins by itself, so that it is over in time.
            {usual !== null &&
              run.usual !== null &&
              ` The mark is where nine of ten runs were over (${span(run.usual)}).`}
          </p>
        </div>
      </div>
    </Panel>
  );
}

interface DialProps {
  readonly gone: number;
  readonly usual: number | null;
  readonly left: string;
}

/** What is gone as an arc, with a mark where such runs are over usually. */
function Dial({ gone, usual, left }: DialProps): ReactElement {
  return (
    <svg
      viewBox="0 0 100 100"
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a drawing in SVG has no tag of its own that says "image"
      role="img"
      aria-label={`${Math.round(gone * 100)} % of the time until then is gone`}
    >
      <circle className="run-clock-whole" cx="50" cy="50" r={radius} />
      <circle
        className="run-clock-gone"
        cx="50"
        cy="50"
        r={radius}
        strokeDasharray={`${gone * around} ${around}`}
        transform="rotate(-90 50 50)"
      />
      {usual !== null && (
        <line className="run-clock-usual" x1="50" y1="3" x2="50" y2="14" transform={`rotate(${usual * 360} 50 50)`} />
      )}
      <text x="50" y="55" textAnchor="middle" className={left.length > 7 ? "run-clock-long" : ""}>
        {left}
      </text>
    </svg>
  );
}
