import type { ReactElement } from "react";
import { Button } from "@mantine/core";
import { useNow } from "#web/runtime/clock.ts";
import { Loading, Panel } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { Badge, CommandLine, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { pictureOfForecast } from "./picture.ts";
import { questionOf, useForecast, type Forecast, type WavePlan } from "./queries.ts";
import { orderText, type WavePlanSearch } from "./search.ts";
import { StartWavesDialog } from "./start-waves-dialog.tsx";
import { WavePicture } from "./wave-picture.tsx";
import { WaveQuestionForm } from "./wave-question.tsx";

interface ForecastProps {
  readonly plan: WavePlan;
  readonly search: WavePlanSearch;
  readonly onChange: (part: Partial<WavePlanSearch>) => void;
}

/** When the waves of a version would go, or what stands in the way; nothing is booked by asking. */
export function WaveForecast({ plan, search, onChange }: ForecastProps): ReactElement {
  const question = questionOf(plan, search);
  const { data, error, isFetching } = useForecast(plan.name, question);
  const isStartable = data?.actions.some(({ name, allowed }) => name === "start" && allowed) === true;
  return (
    <Panel title="When would it go?" side="A forecast books nothing">
      <div className="stack">
        <WaveQuestionForm plan={plan} search={search} onChange={onChange} />
        {question === null && <p className="dim">Name a version to see its waves, each target in its own window.</p>}
        {error !== null && <ErrorNote error={error} />}
        {question !== null && data === undefined && isFetching && <Loading lines={6} />}
        {question !== null && data !== undefined && <Answer forecast={data} search={search} onChange={onChange} />}
        {search.start === "open" && question !== null && data !== undefined && isStartable && (
          <StartWavesDialog
            plan={plan}
            question={question}
            forecast={data}
            onClose={() => onChange({ start: undefined })}
          />
        )}
      </div>
    </Panel>
  );
}

interface AnswerProps extends Omit<ForecastProps, "plan"> {
  readonly forecast: Forecast;
}

function Answer({ forecast, search, onChange }: AnswerProps): ReactElement {
  const now = useNow(30_000);
  const obstacles = forecast.obstacles.filter((sentence) => !forecast.headline.includes(sentence));
  const start = forecast.actions.find(({ name }) => name === "start");
  return (
    <>
      <section className={`wave-verdict tone-${forecast.fits ? "good" : "wait"}`} aria-label="Forecast">
        <div className="row">
          <Verdict forecast={forecast} />
          <span className="small dim">
            as of <TimeText at={forecast.at} now={now} />, risk {forecast.risk}
          </span>
        </div>
        <p aria-live="polite">
          <strong>{forecast.headline}</strong>
        </p>
        {obstacles.length > 0 && (
          <ul className="small" aria-label="What else stands in the way">
            {obstacles.map((obstacle) => (
              <li key={obstacle}>{obstacle}</li>
            ))}
          </ul>
        )}
        <Offers forecast={forecast} onChange={onChange} />
        <div className="row">
          {start?.allowed === true && <Button onClick={() => onChange({ start: "open" })}>Begin the waves…</Button>}
          {start?.allowed === false && forecast.fits && <span className="small dim">Begin: {start.because}</span>}
          <CommandLine command={commandOf(forecast, search)} />
        </div>
      </section>
      <WavePicture picture={pictureOfForecast(forecast)} now={now} />
    </>
  );
}

export function Verdict({ forecast }: { readonly forecast: Forecast }): ReactElement {
  return forecast.fits ? (
    <Badge tone="good" icon="check" label="Fits" />
  ) : (
    <Badge tone="wait" icon="warning" label="Does not fit" />
  );
}

/** Orders of the regions in which it would fit, each one press away. */
function Offers({ forecast, onChange }: Pick<AnswerProps, "forecast" | "onChange">): ReactElement | null {
  const now = useNow(30_000);
  if (forecast.offers.length === 0) return null;
  const own = forecast.plan.regions.map(({ name }) => name);
  return (
    <ul aria-label="Orders that fit">
      {forecast.offers.map(({ order, ends, mix }) => (
        <li key={order.join()} className="row">
          <button type="button" className="act-button" onClick={() => onChange({ order: orderText(own, order) })}>
            {order.join(", ")}
          </button>
          <span className="small dim">
            everywhere <TimeText at={ends} now={now} form="both" />; old beside new for {span(mix)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function commandOf({ plan, version }: Forecast, { risk, order, notBefore }: WavePlanSearch): string {
  const flags = [
    risk === undefined ? "" : ` --risk ${risk}`,
    order === undefined ? "" : ` --order ${order}`,
    notBefore === undefined ? "" : ` --not-before ${notBefore}`,
  ];
  return `tidegate waves plan ${plan.name} ${version}${flags.join("")}`;
}
